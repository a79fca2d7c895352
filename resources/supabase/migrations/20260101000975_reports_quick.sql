-- Reports of times in a third of the time and less.
--
-- They are exact medians, so each answer in their range is read. What cost most was to sort them all
-- by day or agent, with the day worked out for each: now each day and each agent is a part of an
-- index, which is read as it lies there.

create index report_times_agent on private.report_times (agent_id, what, at)
  include (inbox_id, seconds);

-- The first moment of this day. Where clocks are turned back to midnight there are two of it.
create function private.day_begins(day date, zone text) returns timestamptz
language sql stable set search_path = '' as $$
  select case when ((m.midnight - interval '1 hour') at time zone zone)::date = day
              then m.midnight - interval '1 hour' else m.midnight end
    from (select day::timestamp at time zone zone) m (midnight)
$$;

-- By day, agent or inbox, and in all: how many answers of each kind, their average, and what half
-- and nine tenths of them stay within; seconds. Nothing where there is none.
create function private.report_spans(
  grouping_by text, wanted text[], starts timestamptz, ends timestamptz, inboxes uuid[], who uuid,
  zone text)
returns table (
  key text, is_total boolean, what text, n bigint, average double precision,
  at_most double precision[])
language plpgsql stable set search_path = '' set enable_seqscan = off
as $$
declare
  -- written into each statement, so that each is planned for the index that it is meant for
  numbers constant text := 'count(*) as n, avg(t.seconds) as average,'
    ' percentile_cont(array[0.5, 0.9]) within group (order by t.seconds) as at_most'
    ' from private.report_times t where t.inbox_id = any ($4)'
    || case when who is null then '' else ' and t.agent_id = $5' end;
begin
  if grouping_by = 'inboxes' then
    return query execute
      'select s.inbox_id::text, s.is_total, w, s.n, s.average, s.at_most'
      '  from unnest($1) w cross join lateral ('
      '  select t.inbox_id, grouping(t.inbox_id) = 1 as is_total, ' || numbers
      || ' and t.what = w and t.at >= $2 and t.at < $3'
      '   group by grouping sets ((t.inbox_id), ())) s where s.n > 0'
      using wanted, starts, ends, inboxes, who;
    return;
  end if;
  return query execute
    'select null::text, true, w, s.n, s.average, s.at_most from unnest($1) w cross join lateral ('
    '  select ' || numbers || ' and t.what = w and t.at >= $2 and t.at < $3) s where s.n > 0'
    using wanted, starts, ends, inboxes, who;
  if grouping_by = 'days' then
    return query execute
      'select d.day::text, false, w, s.n, s.average, s.at_most'
      '  from (select g::date as day, greatest($2, private.day_begins(g::date, $6)) as since,'
      '               least($3, private.day_begins(g::date + 1, $6)) as until'
      '          from generate_series(($2 at time zone $6)::date::timestamp,'
      '            (($3 - interval ''1 microsecond'') at time zone $6)::date, ''1 day'') g'
      '        offset 0) d cross join unnest($1) w cross join lateral ('
      '  select ' || numbers || ' and t.what = w and t.at >= d.since and t.at < d.until) s'
      ' where s.n > 0'
      using wanted, starts, ends, inboxes, who, zone;
  elsif grouping_by = 'agents' then
    return query execute
      'with recursive agents (id) as ('
      '  (select a.agent_id from private.report_times a where a.agent_id is not null'
      '    order by a.agent_id limit 1)'
      '  union all'
      '  select (select a.agent_id from private.report_times a where a.agent_id > g.id'
      '           order by a.agent_id limit 1) from agents g where g.id is not null)'
      ' select g.id::text, false, w, s.n, s.average, s.at_most'
      '  from agents g cross join unnest($1) w cross join lateral ('
      '  select ' || numbers || ' and t.agent_id = g.id and t.what = w'
      '     and t.at >= $2 and t.at < $3) s where s.n > 0'
      using wanted, starts, ends, inboxes, who;
  end if;
end $$;

-- As before, see its own file.
create or replace function public.reports(
  kind text, "from" timestamptz default null, "to" timestamptz default null,
  inbox_id uuid default null, agent_id uuid default null, time_zone text default 'Asia/Jakarta')
returns jsonb
language plpgsql stable security definer set search_path = ''
set enable_seqscan = off set jit = off set work_mem = '64MB'
as $$
declare
  times constant text[] := array['first_response', 'response', 'resolution'];
  wanted text[];
  counts boolean;
  grouping_by text;
  mine uuid[] := array(select private.my_inboxes());
  until constant timestamptz := coalesce(reports."to", now());
  since constant timestamptz := coalesce(reports."from", until - interval '30 days');
  starts timestamptz;
  ends timestamptz;
  who uuid := reports.agent_id;
  zone constant text := coalesce(reports.time_zone, 'Asia/Jakarta');
  -- the whole days of the range, where they are kept, and their beginning and end
  first_day date;
  past_day date;
  whole_since timestamptz;
  whole_until timestamptz;
  answer jsonb;
begin
  if reports.kind is null
     or reports.kind <> all (times || array['volume', 'agents', 'inboxes', 'days']) then
    perform private.refuse('bad_request', 'There is no report of this name.', 'Update Balas.');
  end if;
  if cardinality(mine) = 0 then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if reports.inbox_id is not null then
    if reports.inbox_id <> all (mine) then
      perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
        'Ask an administrator for access.');
    end if;
    mine := array[reports.inbox_id];
  end if;
  if not private.is_supervisor() then
    who := coalesce(who, auth.uid());
    if who <> auth.uid() then
      perform private.refuse('not_allowed',
        'Only supervisors and administrators see the work of others.', 'Ask a supervisor.');
    end if;
  end if;
  if not isfinite(since) or not isfinite(until) or since >= until
     or until - since > interval '1850 days' then
    perform private.refuse('bad_time', 'A report is of five years at most, and ends after it began.',
      'Choose other days.');
  end if;
  begin
    -- a name and no rule of POSIX, of which any string is one
    if zone !~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$' then
      raise invalid_parameter_value;
    end if;
    perform since at time zone zone;
  exception when invalid_parameter_value then
    perform private.refuse('bad_time_zone', 'There is no time zone of this name.',
      'Choose one like Asia/Jakarta.');
  end;
  starts := private.slot_of(since);
  ends := private.slot_of(until);
  if ends < until then
    ends := ends + interval '15 minutes';
  end if;
  wanted := case when reports.kind = 'volume' then '{}'::text[]
                 when reports.kind = any (times) then array[reports.kind] else times end;
  counts := reports.kind = 'volume' or reports.kind <> all (times);
  first_day := (starts at time zone zone)::date;
  if private.day_begins(first_day, zone) < starts then
    first_day := first_day + 1;
  end if;
  past_day := (ends at time zone zone)::date;
  if zone = (select z.zone from private.report_zone z) and first_day < past_day then
    whole_since := private.day_begins(first_day, zone);
    whole_until := private.day_begins(past_day, zone);
  else
    whole_since := ends;
    whole_until := ends;
    past_day := first_day;
  end if;
  grouping_by := case when reports.kind in ('agents', 'inboxes') then reports.kind else 'days' end;

  with lines as (
    select v.slot, null::date as day, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v where v.slot >= starts and v.slot < whole_since
    union all
    select v.slot, null, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v
     where not v.folded and v.slot >= whole_since and v.slot < whole_until
    union all
    select null, d.day, d.inbox_id, d.agent_id, d.what, d.n
      from private.report_days d where d.day >= first_day and d.day < past_day
    union all
    select v.slot, null, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v where v.slot >= whole_until and v.slot < ends
  ), counted as materialized (
    select case grouping_by when 'days' then coalesce(l.day, (l.slot at time zone zone)::date) end
             as day,
           case grouping_by when 'agents' then l.agent_id when 'inboxes' then l.inbox_id end as id,
           l.what, sum(l.n) as n
      from lines l
     where counts and l.inbox_id = any (mine) and (who is null or l.agent_id = who)
     group by 1, 2, 3
  ), volumes as (
    select coalesce(c.id::text, c.day::text) as key, grouping(c.id) = 1 as is_total,
           jsonb_build_object(
             'inbound', coalesce(sum(c.n) filter (where c.what = 'inbound'), 0),
             'outbound', coalesce(sum(c.n) filter (where c.what = 'outbound'), 0),
             'automatic', coalesce(sum(c.n) filter (where c.what = 'automatic'), 0),
             'opened', coalesce(sum(c.n) filter (where c.what = 'opened'), 0),
             'resolved', coalesce(sum(c.n) filter (where c.what = 'resolved'), 0)) as numbers,
           sum(c.n) as weight
      from counted c
     group by grouping sets ((c.id, c.day), ())
  ), spans as (
    select m.key, m.is_total, m.what, m.n as weight,
           jsonb_build_object('n', m.n, 'average', round(m.average::numeric, 3),
             'median', round(m.at_most[1]::numeric, 3),
             'p90', round(m.at_most[2]::numeric, 3)) as numbers
      from private.report_spans(grouping_by, wanted, starts, ends, mine, who, zone) m
  ), keys as (
    select d::date::text as key, 0 as weight, d as place
      from generate_series((starts at time zone zone)::date::timestamp,
        ((ends - interval '1 microsecond') at time zone zone)::date, interval '1 day') d
     where grouping_by = 'days'
    union all
    select w.key, sum(w.weight), null
      from (select v.key, v.weight from volumes v where not v.is_total
            union all
            select s.key, s.weight from spans s where not s.is_total) w
     where grouping_by <> 'days' and w.key is not null
     group by w.key
  ), named as materialized (  -- looked up by key: a join of what nobody can estimate goes wrong
    select (select jsonb_object_agg(v.key, v.numbers) from volumes v
             where not v.is_total and v.key is not null) as volumes,
           (select jsonb_object_agg(s.key, s.numbers)
              from (select s.key, jsonb_object_agg(s.what, s.numbers) as numbers from spans s
                     where not s.is_total and s.key is not null group by s.key) s) as spans
  )
  select jsonb_build_object(
    'kind', reports.kind, 'from', starts, 'to', ends, 'time_zone', zone,
    'total',
      private.report_entry(counts, wanted, (select v.numbers from volumes v where v.is_total),
        (select jsonb_object_agg(s.what, s.numbers) from spans s where s.is_total)),
    'rows', (
      -- made before they are put in order: otherwise all that is named is sorted along with each
      select coalesce(jsonb_agg(e.entry order by e.place, e.weight desc, e.key), '[]')
        from (
          select k.place, k.weight, k.key,
                 case grouping_by
                   when 'days' then jsonb_build_object('day', k.key)
                   when 'agents' then jsonb_build_object('agent_id', k.key,
                     'name', private.name_of(k.key::uuid))
                   else jsonb_build_object('inbox_id', k.key,
                     'name', (select i.name from public.inboxes i where i.id = k.key::uuid)) end
                 || private.report_entry(counts, wanted, n.volumes -> k.key, n.spans -> k.key)
                   as entry
            from keys k cross join named n offset 0) e))
    into answer;
  return answer;
end $$;

revoke all on function
  private.day_begins(date, text),
  private.report_spans(text, text[], timestamptz, timestamptz, uuid[], uuid, text)
  from public, anon, authenticated;
