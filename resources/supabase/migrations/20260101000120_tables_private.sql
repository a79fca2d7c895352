-- Private tables and the helpers that every later file uses: who sees what, the bridge to the
-- queue, and name-based ids.

-- Every request that Twilio signed, as it came, also those that nobody could parse.
create table private.webhook_requests (
  id uuid primary key default gen_random_uuid(),
  received_at timestamptz not null default now(),
  path text not null,
  headers jsonb not null default '{}',
  body bytea not null,
  parameters jsonb,
  flagged text,
  message_id uuid
);
create index webhook_requests_received on private.webhook_requests (received_at);
create index webhook_requests_message on private.webhook_requests (message_id)
  where message_id is not null;

revoke all on all tables in schema private from public, anon, authenticated;
grant usage on schema private to authenticated, service_role;

-- Who sees what is said here and nowhere else. Supervisors and administrators see every inbox,
-- agents those they are members of, inactive people nothing. Security definer, because the
-- policies of the tables it reads call it.
create function private.my_inboxes() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select i.id
    from public.profiles p
    join public.inboxes i
      on p.role in ('supervisor', 'admin')
      or exists (select from public.inbox_members m
                  where m.inbox_id = i.id and m.profile_id = p.id)
   where p.id = (select auth.uid()) and p.active
$$;

-- Whether the caller works here. A login alone is not enough: projects may allow sign-ups, and an
-- adopted `profiles` may hold customers. Staff are the active members of some inbox, and
-- supervisors and administrators.
create function private.is_staff() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active
       and (p.role in ('supervisor', 'admin')
            or exists (select from public.inbox_members m where m.profile_id = p.id)))
$$;

create function private.is_admin() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active and p.role = 'admin')
$$;

-- The bridge from SQL to the queue. Does nothing where the schema `jobs` is not there yet: a
-- project migrated by the Supabase CLI alone still takes every insert, and the sweep defers later.
-- Returns the job's id, or null when there is no queue or `queueing_lock` is already waiting.
create function private.enqueue(
  task text,
  args jsonb default '{}',
  lock text default null,
  queueing_lock text default null,
  queue text default 'default',
  priority integer default 0,
  scheduled_at timestamptz default null
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  -- procrastinate's own defer function, so that its triggers and columns stay its business
  defer constant text := 'select (jobs.procrastinate_defer_jobs_v1(array[
    row($1, $2, $3, $4, $5, $6, $7)::jobs.procrastinate_job_to_defer_v1]))[1]';
  job bigint;
begin
  if to_regclass('jobs.procrastinate_jobs') is null then
    return null;
  end if;
  if queueing_lock is null then
    execute defer into job
      using queue, task, priority, lock, queueing_lock, args, scheduled_at;
    return job;
  end if;
  begin
    execute defer into job
      using queue, task, priority, lock, queueing_lock, args, scheduled_at;
    return job;
  exception when unique_violation then
    return null;
  end;
end $$;

-- SHA-1, because built-in Postgres has none and an extension's schema differs between projects.
-- Used for names only, never for secrets.
create function private.sha1(data bytea) returns bytea
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  mask constant bigint := 4294967295;
  padded bytea;
  w bigint[];
  h bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
begin
  padded := data || '\x80'::bytea
    || decode(repeat('00', (119 - length(data) % 64) % 64), 'hex')
    || int8send(length(data)::bigint * 8);
  for block in 0 .. length(padded) / 64 - 1 loop
    for i in 0 .. 15 loop
      t := block * 64 + i * 4;
      w[i] := (get_byte(padded, t::int)::bigint << 24) | (get_byte(padded, t::int + 1) << 16)
        | (get_byte(padded, t::int + 2) << 8) | get_byte(padded, t::int + 3);
    end loop;
    for i in 16 .. 79 loop
      t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
      w[i] := ((t << 1) | (t >> 31)) & mask;
    end loop;
    a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
    for i in 0 .. 79 loop
      if i < 20 then
        f := (b & c) | ((b # mask) & d); k := 1518500249;
      elsif i < 40 then
        f := b # c # d; k := 1859775393;
      elsif i < 60 then
        f := (b & c) | (b & d) | (c & d); k := 2400959708;
      else
        f := b # c # d; k := 3395469782;
      end if;
      t := (((a << 5) | (a >> 27)) & mask) + f + e + k + w[i];
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t & mask;
    end loop;
    h := array[(h[1] + a) & mask, (h[2] + b) & mask, (h[3] + c) & mask, (h[4] + d) & mask,
      (h[5] + e) & mask];
  end loop;
  return decode(lpad(to_hex(h[1]), 8, '0') || lpad(to_hex(h[2]), 8, '0')
    || lpad(to_hex(h[3]), 8, '0') || lpad(to_hex(h[4]), 8, '0') || lpad(to_hex(h[5]), 8, '0'),
    'hex');
end $$;

-- A UUID of version 5 (RFC 9562), as Python's uuid.uuid5.
create function private.uuid5(namespace uuid, name text) returns uuid
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  digest bytea := private.sha1(uuid_send(namespace) || convert_to(name, 'UTF8'));
begin
  digest := set_byte(digest, 6, (get_byte(digest, 6) & 15) | 80);
  digest := set_byte(digest, 8, (get_byte(digest, 8) & 63) | 128);
  return encode(substr(digest, 1, 16), 'hex')::uuid;
end $$;

-- How agents are told no: a short code for the program, a sentence and the one thing to do.
create function private.refuse(code text, sentence text, fix text default null) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'P0001', message = code, detail = sentence,
    hint = coalesce(fix, '');
end $$;

revoke all on all functions in schema private from public, anon, authenticated;
grant execute on function private.my_inboxes(), private.is_staff(), private.is_admin()
  to authenticated, service_role;
