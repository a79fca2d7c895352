-- The team's rules, part one: what an inbox asks for, and when it is open.
--
-- All of it is read by a job after the webhook has answered. What taking a message in costs is one
-- look at `has_rules`, which is kept here: an inbox without rules makes no job.

alter table public.inboxes
  add column routing boolean not null default false,
  add column has_rules boolean not null default false,
  add column auto_replies_per_hour integer not null default 4
    check (auto_replies_per_hour between 0 and 60),
  add column take_back_minutes integer not null default 10
    check (take_back_minutes between 0 and 10080),
  add column first_response_minutes integer check (first_response_minutes between 1 and 43200),
  add column next_response_minutes integer check (next_response_minutes between 1 and 43200),
  add column reminder_minutes integer default 120 check (reminder_minutes between 1 and 1439);
comment on column public.inboxes.hours is
  'When people answer: {"zone": "Asia/Jakarta", "week": {"mon": [["08:00", "12:00"], ["13:00", '
  '"17:00"]], …, "sun": []}, "holidays": ["2026-12-25"]}. A day that is not named is closed. '
  'A span that ends before it begins ends on the next day; it belongs to the day on which it begins, '
  'also where that is a holiday. Null: always open.';
comment on column public.inboxes.routing is 'Whether waiting customers are given to people.';
comment on column public.inboxes.has_rules is
  'Kept: whether an inbound message gets a job run_rules, for routing or for automatic replies.';
comment on column public.inboxes.auto_replies_per_hour is
  'So many automatic replies one customer gets at most within an hour, from all inboxes together.';
comment on column public.inboxes.take_back_minutes is
  'So long somebody may be absent until customers who wait for them are given to others.';
comment on column public.inboxes.first_response_minutes is
  'Minutes within the hours until the first answer is due; null: it never is.';
comment on column public.inboxes.reminder_minutes is
  'So long before the 24-hour window closes on somebody who waits, the team is told; null: never.';

alter table public.auto_replies
  add constraint balas_auto_replies_body check (char_length(body) between 1 and 1600),
  add constraint balas_auto_replies_keyword
    check (kind <> 'keyword' or coalesce(btrim(keyword), '') <> '');
comment on column public.auto_replies.keyword is
  'Words or phrases, divided by commas, that are looked for as whole words in any case.';
comment on column public.auto_replies.body is
  'With {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}; a value that is '
  'missing leaves nothing, not even the space before it.';

-- Whether messages of this inbox get a job. The inbox's row is locked first, so that of two who
-- change its rules at the same time the later one sees both.
create function private.keep_has_rules() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid;
begin
  for touched in
    select distinct i from unnest(array[
      case when tg_op <> 'INSERT' then old.inbox_id end,
      case when tg_op <> 'DELETE' then new.inbox_id end]) i where i is not null order by i
  loop
    perform from public.inboxes i where i.id = touched for no key update;
    update public.inboxes i set has_rules = r.wanted
      from (select b.routing or exists (
                     select from public.auto_replies a
                      where a.inbox_id = b.id and a.enabled) as wanted
              from public.inboxes b where b.id = touched) r
     where i.id = touched and i.has_rules <> r.wanted;
  end loop;
  return null;
end $$;
create trigger balas_has_rules after insert or update or delete on public.auto_replies
  for each row execute function private.keep_has_rules();

create function private.keep_inbox_rules() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.has_rules := new.routing or exists (
    select from public.auto_replies a where a.inbox_id = new.id and a.enabled);
  if new.hours is not null and (tg_op = 'INSERT' or new.hours is distinct from old.hours) then
    perform private.check_hours(new.hours);
  end if;
  return new;
end $$;
create trigger balas_rules before insert or update of routing, hours, has_rules on public.inboxes
  for each row execute function private.keep_inbox_rules();

-- Hours ------------------------------------------------------------------------------------------

-- The spans that begin on a day, in order of time.
create function private.hours_on(hours jsonb, day date) returns setof tstzrange
language sql stable set search_path = '' as $$
  select tstzrange((day + s.begins) at time zone z.zone,
                   (day + s.ends + case when s.ends <= s.begins then interval '1 day'
                                        else interval '0' end) at time zone z.zone)
    from (select hours ->> 'zone' as zone) z
   cross join lateral (
     select (e ->> 0)::time as begins, (e ->> 1)::time as ends
       from jsonb_array_elements(
         hours -> 'week' -> (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[
           extract(isodow from day)::integer]) e) s
   where not coalesce(hours -> 'holidays' ? day::text, false)
     -- a spring night may have no such hour
     and (day + s.begins) at time zone z.zone
         < (day + s.ends + case when s.ends <= s.begins then interval '1 day'
                                else interval '0' end) at time zone z.zone
   order by s.begins
$$;

-- Refuses hours that cannot be read.
create function private.check_hours(hours jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  day text;
  span jsonb;
begin
  perform now() at time zone (hours ->> 'zone');
  if hours ->> 'zone' is null or jsonb_typeof(hours -> 'week') is distinct from 'object'
     or coalesce(jsonb_typeof(hours -> 'holidays'), 'array') <> 'array' then
    raise exception 'zone, week or holidays';
  end if;
  for day in select k from jsonb_object_keys(hours -> 'week') k loop
    if day <> all (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) then
      raise exception 'a day is named mon, tue, …';
    end if;
    for span in select e from jsonb_array_elements(hours -> 'week' -> day) e loop
      if jsonb_array_length(span) <> 2 or (span ->> 0)::time is null or (span ->> 1)::time is null
      then
        raise exception 'a span is two times';
      end if;
    end loop;
  end loop;
  perform d::date from jsonb_array_elements_text(hours -> 'holidays') d
    where d !~ '^\d{4}-\d\d-\d\d$' or d::date is null;
  if found then
    raise exception 'a holiday is written 2026-12-25';
  end if;
exception when others then
  perform private.refuse('bad_hours', 'These hours cannot be read: ' || sqlerrm || '.',
    'Write a zone, a week of spans and the holidays.');
end $$;

create function private.is_open(hours jsonb, at timestamptz default clock_timestamp())
returns boolean
language sql stable set search_path = '' as $$
  select hours is null or exists (
    select from (select (is_open.at at time zone (hours ->> 'zone'))::date as today) t
     cross join lateral generate_series(-1, 0) d
     cross join lateral private.hours_on(hours, t.today + d) span
     where span @> is_open.at)
$$;

-- When it opens next after a moment; null when it does not within a month, or never closes.
create function private.opens_at(hours jsonb, at timestamptz default clock_timestamp())
returns timestamptz
language sql stable set search_path = '' as $$
  select lower(span)
    from (select (opens_at.at at time zone (hours ->> 'zone'))::date as today) t
   cross join lateral generate_series(0, 31) d
   cross join lateral private.hours_on(hours, t.today + d) span
   where lower(span) > opens_at.at
   order by d, 1 limit 1
$$;

-- Since when it has been closed at a moment at which it is; null when that is over a month.
create function private.closed_since(hours jsonb, at timestamptz default clock_timestamp())
returns timestamptz
language sql stable set search_path = '' as $$
  select max(upper(span))
    from (select (closed_since.at at time zone (hours ->> 'zone'))::date as today) t
   cross join lateral generate_series(-31, 0) d
   cross join lateral private.hours_on(hours, t.today + d) span
   where upper(span) <= closed_since.at
$$;

-- The moment that lies so many open minutes after another one. Where nobody ever works it is the
-- moment that many minutes later: a due time that never comes would be none.
create function private.open_minutes_after(hours jsonb, at timestamptz, minutes integer)
returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  remaining interval := make_interval(mins => minutes);
  reached timestamptz := at;
  span tstzrange;
begin
  if hours is null then
    return at + remaining;
  end if;
  for span in
    select s from (select (open_minutes_after.at at time zone (hours ->> 'zone'))::date as today) t
     cross join lateral generate_series(-1, 92) d
     cross join lateral private.hours_on(hours, t.today + d) s
     where upper(s) > open_minutes_after.at
     order by lower(s), upper(s)
  loop
    reached := greatest(reached, lower(span));  -- spans may overlap
    continue when reached >= upper(span);
    if reached + remaining <= upper(span) then
      return reached + remaining;
    end if;
    remaining := remaining - (upper(span) - reached);
    reached := upper(span);
  end loop;
  return at + make_interval(mins => minutes);
end $$;

revoke all on function
  private.keep_has_rules(), private.keep_inbox_rules(), private.hours_on(jsonb, date),
  private.check_hours(jsonb), private.is_open(jsonb, timestamptz),
  private.opens_at(jsonb, timestamptz), private.closed_since(jsonb, timestamptz),
  private.open_minutes_after(jsonb, timestamptz, integer)
  from public, anon, authenticated;
