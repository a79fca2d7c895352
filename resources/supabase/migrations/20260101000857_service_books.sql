-- What the service calls, part five and a half: the queue's books, several jobs at a time. The
-- queue's own functions take and end one job in one transaction; at 80 replies a second most of the
-- time would go into commits.

-- Takes up to `most` jobs that are due, in the queue's own order. known: the jobs that this worker
-- knows it has; others that it was given without hearing of it, because the line broke, are given
-- again. Returns the rows of jobs.procrastinate_jobs.
create function private.fetch_jobs(worker bigint, known bigint[], most integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  taken jsonb;
  job jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(j) order by j.id), '[]') into taken
    from jobs.procrastinate_jobs j
   where j.worker_id = worker and j.status = 'doing' and j.id <> all (known);
  while jsonb_array_length(taken) < most loop
    select to_jsonb(j) into job from jobs.procrastinate_fetch_job_v2(null, worker) j;
    exit when job ->> 'id' is null;
    taken := taken || job;
  end loop;
  return taken;
end
$$;

-- Ends jobs that did what they had to: [{"job", "worker"}, …]; one that names no job is passed
-- over, one that is another worker's by now is left to it. Returns whether further jobs wait for
-- one of their locks: nothing else tells a worker that these may run now.
create function private.end_jobs(ended jsonb) returns boolean
language plpgsql set search_path = ''
as $$
declare
  waiting boolean;
begin
  if not jsonb_path_exists(ended, '$[*].job') then
    return false;
  end if;
  with gone as (
    delete from jobs.procrastinate_jobs j
     using jsonb_to_recordset(ended) as e (job bigint, worker text)
     where j.id = e.job and j.status = 'doing' and j.worker_id::text = e.worker
    returning j.lock)
  select exists (select from jobs.procrastinate_jobs j join gone on gone.lock = j.lock
                  where j.status = 'todo') into waiting;
  return waiting;
end
$$;

revoke all on function
  private.fetch_jobs(bigint, bigint[], integer), private.end_jobs(jsonb)
from public, anon, authenticated;
