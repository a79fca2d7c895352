-- What the service calls, part three: the rounds that keep rows and jobs together, and health.

-- Rows are the truth and jobs only the kick: this gives a job to every row that waits without one,
-- and lets go of what dead workers held. Returns how many of each.
create function private.sweep() returns jsonb
language plpgsql set search_path = ''
as $$
declare
  waiting record;
  kicked int := 0;
  files int := 0;
  checks int := 0;
  released int;
begin
  -- One sweeper at a time is enough, whatever the number of workers.
  if to_regclass('jobs.procrastinate_jobs') is null
     or not pg_try_advisory_xact_lock(hashtextextended('balas:sweep', 0)) then
    return null;
  end if;
  released := private.release_abandoned();
  kicked := private.kick_queued(interval '5 seconds');
  for waiting in
    select m.id from public.messages m
     where m.direction = 'outbound' and m.status = 'uncertain' and m.message_sid is null
       and m.updated_at between now() - interval '15 minutes' and now() - interval '10 seconds'
     order by m."timestamp" limit 200
  loop
    if not private.has_job(null, 'settle_uncertain', waiting.id) then
      perform private.enqueue(
        'settle_uncertain', jsonb_build_object('message_id', waiting.id), queue => 'settle');
      checks := checks + 1;
    end if;
  end loop;
  for waiting in
    select m.id from public.messages m
     where m.media @> '[{"state": "pending"}]'
       and m."timestamp" < now() - interval '30 seconds'
     order by m."timestamp" limit 200
  loop
    if not private.has_job(null, 'copy_media', waiting.id) then
      perform private.enqueue(
        'copy_media', jsonb_build_object('message_id', waiting.id), queue => 'media');
      files := files + 1;
    end if;
  end loop;
  delete from private.early_statuses e where e.received_at < now() - interval '7 days';
  return jsonb_build_object(
    'sends', kicked, 'files', files, 'checks', checks, 'released', released);
end
$$;

-- Whether a job that still has to run exists, by its lock or by its message.
create function private.has_job(lock text, task text, message_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  answer boolean;
begin
  if has_job.lock is not null then
    execute 'select exists (select from jobs.procrastinate_jobs j
                             where j.lock = $1 and j.status in (''todo'', ''doing''))'
       into answer using has_job.lock;
  else
    execute 'select exists (select from jobs.procrastinate_jobs j
                             where j.task_name = $1 and j.status in (''todo'', ''doing'')
                               and j.args ->> ''message_id'' = $2)'
       into answer using task, has_job.message_id::text;
  end if;
  return answer;
end
$$;

-- What readiness and metrics tell: jobs that are due but not begun, the age of the oldest of them
-- in seconds, and messages by where they wait.
create function private.service_health() returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  queue jsonb;
begin
  if to_regclass('jobs.procrastinate_jobs') is not null then
    -- The due job with the lowest id is the oldest one, but for those that were put off.
    execute $query$
      with due as (
        select j.id, j.scheduled_at from jobs.procrastinate_jobs j
         where j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= now()))
      select jsonb_build_object(
        'waiting', (select count(*) from due),
        'lag_seconds', coalesce((
          select extract(epoch from now() - coalesce(
                   d.scheduled_at, (select min(e.at) from jobs.procrastinate_events e
                                     where e.job_id = d.id)))
            from due d order by d.id limit 1), 0))
    $query$ into queue;
  end if;
  return jsonb_build_object(
    'queue', queue,
    'messages', (select coalesce(jsonb_object_agg(s.status, s.n), '{}') from (
      select m.status, count(*) as n from public.messages m
       where m.direction = 'outbound' and m.status in ('queued', 'sending', 'uncertain')
       group by m.status) s));
end
$$;

revoke all on function
  private.sweep(), private.has_job(text, text, uuid), private.service_health()
from public, anon, authenticated;
