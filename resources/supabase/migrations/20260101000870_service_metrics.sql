-- What the service calls, part eight: numbers for /metrics, and the daily tidying.
--
-- The worker answers no requests: what it does is counted here, and every webhook tells it. So the
-- numbers are those of all workers together, and outlast each of them.

-- Counted in two steps, because a row that every send updates would make them wait for each other:
-- one row for each thing that happened, in its own transaction, and from time to time their sums.
create table private.tally (
  name text not null,
  label text not null,
  n bigint not null default 1
);
create table private.counters (
  name text not null,
  label text not null,
  value bigint not null,
  primary key (name, label)
);
alter table private.tally enable row level security;
alter table private.counters enable row level security;

create function private.count_attempt() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.tally (name, label) values ('sends', new.outcome);
  return null;
end $$;
create trigger balas_count after update of outcome on public.delivery_attempts
  for each row when (old.outcome is distinct from new.outcome)
  execute function private.count_attempt();

-- Adds up what was counted. Returns how many rows that were; one caller at a time is enough.
create function private.sum_tally() returns bigint
language plpgsql set search_path = '' as $$
declare
  rows_gone bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:tally', 0)) then
    return 0;
  end if;
  with gone as (
    delete from private.tally returning name, label, n),
  sums as (
    select g.name, g.label, sum(g.n)::bigint as n, count(*) as times from gone g group by 1, 2),
  added as (
    insert into private.counters as c (name, label, value)
    select s.name, s.label, s.n from sums s
    on conflict (name, label) do update set value = c.value + excluded.value)
  select coalesce(sum(s.times), 0) into rows_gone from sums s;
  return rows_gone;
end $$;

-- Everything that /metrics tells besides the answering process's own numbers.
create function private.service_metrics() returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  jobs jsonb := '[]';
  workers jsonb := '{}';
begin
  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      select coalesce(jsonb_agg(jsonb_build_object(
               'queue', j.queue_name, 'state', j.state, 'count', j.n)), '[]')
        from (select q.queue_name,
                     case q.status::text when 'doing' then 'running' when 'failed' then 'failed'
                       else case when q.scheduled_at > now() then 'later' else 'waiting' end
                     end as state,
                     count(*) as n
                from jobs.procrastinate_jobs q
               where q.status in ('todo', 'doing', 'failed') group by 1, 2) j
    $query$ into jobs;
    execute $query$
      select jsonb_build_object(
        'alive', count(*) filter (where last_heartbeat > now() - interval '30 seconds'),
        'silent', count(*) filter (where last_heartbeat <= now() - interval '30 seconds'))
        from jobs.procrastinate_workers
    $query$ into workers;
  end if;
  return private.service_health() || jsonb_build_object(
    'jobs', jobs,
    'workers', workers,
    'sends', (select coalesce(jsonb_object_agg(s.label, s.n), '{}') from (
      select t.label, sum(t.n) as n
        from (select label, value as n from private.counters where name = 'sends'
              union all
              select label, n from private.tally where name = 'sends') t
       group by 1) s),
    'uncertain_seconds', (
      select coalesce(extract(epoch from now() - min(m.updated_at)), 0) from public.messages m
       where m.direction = 'outbound' and m.status = 'uncertain'),
    'sending', (select s.state from public.service_state s where s.part = 'sending'),
    'completeness', private.sweep_health());
end $$;

-- Forgets the change feed's old part once a day, whichever worker comes by. Returns how many
-- changes went, null when it is not time.
create function private.prune_daily() returns bigint
language plpgsql set search_path = '' as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:prune', 0))
     or not private.take_round('changes', interval '1 day') then
    return null;
  end if;
  return private.prune_changes();
end $$;

revoke all on private.tally, private.counters from public, anon, authenticated;
revoke all on function
  private.count_attempt(), private.sum_tally(), private.service_metrics(), private.prune_daily()
from public, anon, authenticated;
