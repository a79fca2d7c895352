-- What supervisors ask for: how much was written, how soon customers were answered, how long it took.
--
-- Kept in step by whoever changes what is reported, so that no report reads messages. Two forms,
-- because two things are asked. How many: lines "+3 inbound in this quarter of an hour", only added,
-- so that writers never wait for each other, and folded into one line for each number when the
-- quarter is over (as private.tallies). How long: one row for each answer and each resolved
-- conversation, because a median is not the sum of medians. There are far fewer of those than messages.
--
-- A quarter of an hour, because every time zone in use is some of them away from UTC, so a day of
-- any zone is a sum of quarters. Nothing here names a customer or a conversation, but for
-- report_threads, which goes with its conversation: reports outlive what retention and erasures take.

create table private.report_volume (
  id bigint generated always as identity primary key,
  slot timestamptz not null,
  inbox_id uuid not null,
  agent_id uuid,
  what text not null check (what in ('inbound', 'outbound', 'automatic', 'opened', 'resolved')),
  n bigint not null,
  folded boolean not null default false
);
comment on table private.report_volume is
  'outbound: written by an agent, once however often it is tried again. opened: begun, or taken up '
  'again after it was resolved. agent_id: who wrote or resolved it.';
create index report_volume_slot on private.report_volume (slot)
  include (inbox_id, agent_id, what, n);
create index report_volume_loose on private.report_volume (slot) where not folded;

create table private.report_times (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  inbox_id uuid not null,
  agent_id uuid,
  what text not null check (what in ('first_response', 'response', 'resolution')),
  seconds double precision not null
);
comment on table private.report_times is
  'response: from the first message that waits to the reply of a person. first_response: the first '
  'of them since the conversation was opened. resolution: from opened to resolved. Of the clock on '
  'the wall, nights and holidays included. agent_id: who answered or resolved it.';
create index report_times_at on private.report_times (what, at)
  include (inbox_id, agent_id, seconds);

create table private.report_threads (
  conversation_id uuid primary key references public.conversations (id) on delete cascade,
  opened_at timestamptz not null,
  answered boolean not null default false
);
comment on table private.report_threads is 'Since when a conversation is open, and whether it was answered.';
revoke all on private.report_volume, private.report_times, private.report_threads
  from public, anon, authenticated;

create function private.slot_of(moment timestamptz) returns timestamptz
language sql immutable parallel safe set search_path = '' as $$
  select date_bin('15 minutes', moment, timestamptz '2000-01-01 00:00:00+00')
$$;

-- Folds what nobody else is folding, of quarters that are over.
create function private.fold_reports() returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- A stricter transaction would fail on lines that another one folded meanwhile.
  if current_setting('transaction_isolation') <> 'read committed' then
    return;
  end if;
  with taken as (
    delete from private.report_volume v
     where v.id in (select id from private.report_volume
                     where not folded and slot < now() - interval '20 minutes'
                       for update skip locked)
    returning v.slot, v.inbox_id, v.agent_id, v.what, v.n)
  insert into private.report_volume (slot, inbox_id, agent_id, what, n, folded)
  select t.slot, t.inbox_id, t.agent_id, t.what, sum(t.n), true
    from taken t
   group by t.slot, t.inbox_id, t.agent_id, t.what;
end $$;

create function private.fold_reports_when_due(lines integer) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if lines > 0 and currval('private.report_volume_id_seq') % 1024 < lines then
    perform private.fold_reports();
  end if;
end $$;

-- A scheduled message counts when it is due, a retry is the same message.
create function private.report_messages() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  lines integer;
begin
  insert into private.report_volume (slot, inbox_id, agent_id, what, n)
  select private.slot_of(n."timestamp"), c.inbox_id,
         case when n.direction = 'outbound' and not n.automatic then n.sent_by end,
         case when n.direction = 'inbound' then 'inbound'
              when n.automatic then 'automatic' else 'outbound' end, count(*)
    from new_rows n join public.conversations c on c.id = n.conversation_id
   where n.direction is not null and c.inbox_id is not null
     and n.status is distinct from 'scheduled' and not n.metadata ? 'retry_of'
   group by 1, 2, 3, 4;
  get diagnostics lines = row_count;
  perform private.fold_reports_when_due(lines);
  return null;
end $$;
create trigger balas_report_insert after insert on public.messages
  referencing new table as new_rows for each statement execute function private.report_messages();

create function private.report_due_message() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.report_volume (slot, inbox_id, agent_id, what, n)
  select private.slot_of(now()), c.inbox_id, case when not new.automatic then new.sent_by end,
         case when new.automatic then 'automatic' else 'outbound' end, 1
    from public.conversations c where c.id = new.conversation_id and c.inbox_id is not null;
  return null;
end $$;
create trigger balas_report_due after update on public.messages
  for each row when (old.status = 'scheduled' and new.status in ('queued', 'sending'))
  execute function private.report_due_message();

create function private.report_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  moment constant timestamptz := clock_timestamp();
  opens boolean;
  state private.report_threads;
  reply public.messages;
  who uuid;
begin
  if new.inbox_id is null then
    return null;
  end if;
  opens := tg_op = 'INSERT' or (old.status = 'resolved' and new.status <> 'resolved');
  if opens then
    insert into private.report_threads as t (conversation_id, opened_at) values (new.id, moment)
    on conflict (conversation_id) do update set opened_at = excluded.opened_at, answered = false;
    insert into private.report_volume (slot, inbox_id, what, n)
    values (private.slot_of(moment), new.inbox_id, 'opened', 1);
    perform private.fold_reports_when_due(1);
    return null;
  end if;

  select * into state from private.report_threads t where t.conversation_id = new.id;
  if state.conversation_id is null then  -- it was open before there were reports
    insert into private.report_threads (conversation_id, opened_at, answered)
    values (new.id, new.created_at, exists (
      select from public.messages m
       where m.conversation_id = new.id and m.direction = 'outbound' and not m.automatic
         and m."timestamp" < coalesce(old.waiting_since, moment)))
    returning * into state;
  end if;

  if old.waiting_since is not null and new.waiting_since is null then
    select * into reply from public.messages m
     where m.conversation_id = new.id and m."timestamp" >= old.waiting_since
       and m.direction = 'outbound' and not m.automatic and m.status is distinct from 'scheduled'
     order by m."timestamp" desc limit 1;
    if reply.id is not null then
      insert into private.report_times (at, inbox_id, agent_id, what, seconds)
      select reply."timestamp", new.inbox_id, reply.sent_by, w.what,
             extract(epoch from reply."timestamp" - old.waiting_since)
        from (values ('response'), ('first_response')) w (what)
       where w.what = 'response' or not state.answered;
      update private.report_threads t set answered = true
       where t.conversation_id = new.id and not t.answered;
    end if;
  end if;
  if old.status <> 'resolved' and new.status = 'resolved' then
    who := coalesce(auth.uid(), new.assignee_id);
    insert into private.report_times (at, inbox_id, agent_id, what, seconds)
    values (moment, new.inbox_id, who, 'resolution',
            greatest(extract(epoch from moment - state.opened_at), 0));
    insert into private.report_volume (slot, inbox_id, agent_id, what, n)
    values (private.slot_of(moment), new.inbox_id, who, 'resolved', 1);
    perform private.fold_reports_when_due(1);
  end if;
  return null;
end $$;
create trigger balas_report_insert after insert on public.conversations
  for each row execute function private.report_conversation();
-- With a condition, so that a message in a conversation that waits already costs nothing here.
create trigger balas_report_update after update on public.conversations
  for each row when (old.status <> new.status
                     or (old.waiting_since is not null and new.waiting_since is null))
  execute function private.report_conversation();

-- Counts the messages that were here before. For this migration, and for whoever filled the tables
-- with triggers off. How long answers took is known from now on only.
create function private.recount_reports() returns void
language plpgsql security definer set search_path = '' as $$
begin
  lock table public.messages in share mode;
  delete from private.report_volume where what in ('inbound', 'outbound', 'automatic');
  insert into private.report_volume (slot, inbox_id, agent_id, what, n, folded)
  select private.slot_of(m."timestamp"), c.inbox_id,
         case when m.direction = 'outbound' and not m.automatic then m.sent_by end,
         case when m.direction = 'inbound' then 'inbound'
              when m.automatic then 'automatic' else 'outbound' end, count(*), true
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.direction is not null and c.inbox_id is not null
     and m.status is distinct from 'scheduled' and not m.metadata ? 'retry_of'
   group by 1, 2, 3, 4;
end $$;
select private.recount_reports();

-- {"kind", "from", "to", "time_zone", "total", "rows"}. Kinds:
--   volume                                 by day: inbound, outbound, automatic, opened, resolved
--   first_response, response, resolution   by day: {"n", "average", "median", "p90"} in seconds
--   agents, inboxes, days                  all of these, by agent, inbox or day; busiest first, days
--                                          in their order and also those on which nothing was
--
-- From the quarter of an hour that holds `from` up to the one that holds `to`; 30 days up to now by
-- default. Days are those of `time_zone`. Supervisors and administrators see everything; agents
-- their own work. Customers' messages and openings are nobody's own, so they are none with an agent.
create function public.reports(
  kind text, "from" timestamptz default null, "to" timestamptz default null,
  inbox_id uuid default null, agent_id uuid default null, time_zone text default 'Asia/Jakarta')
returns jsonb
language plpgsql stable security definer set search_path = ''
set enable_seqscan = off set jit = off
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
  grouping_by := case when reports.kind in ('agents', 'inboxes') then reports.kind else 'days' end;

  with counted as materialized (
    -- first by quarter: there are far fewer days to name than lines
    select case grouping_by when 'agents' then s.agent_id::text
                            when 'inboxes' then s.inbox_id::text
                            else (s.slot at time zone zone)::date::text end as key, s.what, s.n
      from (
        select v.slot, v.what, sum(v.n) as n,
               case grouping_by when 'agents' then v.agent_id end as agent_id,
               case grouping_by when 'inboxes' then v.inbox_id end as inbox_id
          from private.report_volume v
         where counts and v.slot >= starts and v.slot < ends and v.inbox_id = any (mine)
           and (who is null or v.agent_id = who)
         group by 1, 2, 4, 5) s
  ), volumes as (
    select c.key, grouping(c.key) = 1 as is_total,
           jsonb_build_object(
             'inbound', coalesce(sum(c.n) filter (where c.what = 'inbound'), 0),
             'outbound', coalesce(sum(c.n) filter (where c.what = 'outbound'), 0),
             'automatic', coalesce(sum(c.n) filter (where c.what = 'automatic'), 0),
             'opened', coalesce(sum(c.n) filter (where c.what = 'opened'), 0),
             'resolved', coalesce(sum(c.n) filter (where c.what = 'resolved'), 0)) as numbers,
           sum(c.n) as weight
      from counted c
     group by grouping sets ((c.key), ())
  ), taken as (
    select case grouping_by when 'agents' then t.agent_id::text
                            when 'inboxes' then t.inbox_id::text
                            else (t.at at time zone zone)::date::text end as key, t.what, t.seconds
      from private.report_times t
     where t.what = any (wanted) and t.at >= starts and t.at < ends and t.inbox_id = any (mine)
       and (who is null or t.agent_id = who)
  ), spans as (
    select t.key, grouping(t.key) = 1 as is_total, t.what, count(*) as weight,
           jsonb_build_object('n', count(*), 'average', round(avg(t.seconds)::numeric, 3),
             'median', round((percentile_cont(0.5) within group (order by t.seconds))::numeric, 3),
             'p90', round((percentile_cont(0.9) within group (order by t.seconds))::numeric, 3)
           ) as numbers
      from taken t
     group by grouping sets ((t.key, t.what), (t.what))
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
      select coalesce(jsonb_agg(
          case grouping_by
            when 'days' then jsonb_build_object('day', k.key)
            when 'agents' then jsonb_build_object('agent_id', k.key,
              'name', private.name_of(k.key::uuid))
            else jsonb_build_object('inbox_id', k.key,
              'name', (select i.name from public.inboxes i where i.id = k.key::uuid)) end
          || private.report_entry(counts, wanted, n.volumes -> k.key, n.spans -> k.key)
          order by k.place, k.weight desc, k.key), '[]')
        from keys k cross join named n))
    into answer;
  return answer;
end $$;

-- One line of a report, with zeros where nothing was.
create function private.report_entry(counts boolean, wanted text[], volume jsonb, spans jsonb)
returns jsonb
language sql immutable set search_path = '' as $$
  select case when counts then coalesce(volume,
           '{"inbound": 0, "outbound": 0, "automatic": 0, "opened": 0, "resolved": 0}')
         else '{}' end
      || coalesce((
           select jsonb_object_agg(w, coalesce(spans -> w,
                    '{"n": 0, "average": null, "median": null, "p90": null}'))
             from unnest(wanted) w), '{}')
$$;

revoke all on function
  private.slot_of(timestamptz), private.fold_reports(), private.fold_reports_when_due(integer),
  private.report_messages(), private.report_due_message(), private.report_conversation(),
  private.recount_reports(), private.report_entry(boolean, text[], jsonb, jsonb),
  public.reports(text, timestamptz, timestamptz, uuid, uuid, text)
  from public, anon, authenticated;
grant execute on function public.reports(text, timestamptz, timestamptz, uuid, uuid, text)
  to authenticated;
