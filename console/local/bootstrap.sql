-- What a new hosted Supabase project looks like to a migration: roles, schemas, owners and rights.
-- Run once by the superuser supabase_admin on an empty cluster. Sources: supabase/postgres
-- (initial schema, role demotion, revocation of the admin roles), supabase/storage, supabase/realtime.
-- Deliberately absent: default grants on tables in public, which new projects no longer have
-- (console.local.postgres.give_default_grants adds them for the older flavour).

-- Roles ------------------------------------------------------------------------------------------
create role postgres login createdb createrole replication bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin login noinherit createrole;
create role supabase_realtime_admin login noinherit;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to supabase_storage_admin, supabase_realtime_admin;
grant anon, authenticated, service_role, authenticator, pg_monitor, pg_read_all_data, pg_signal_backend
  to postgres with admin option, inherit true, set true;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set statement_timeout = '2min';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;

-- Schemas ----------------------------------------------------------------------------------------
alter database postgres owner to postgres;
grant usage on schema public to postgres, anon, authenticated, service_role;

create schema extensions;
grant all on schema extensions to postgres;
grant usage on schema extensions to anon, authenticated, service_role;
-- Hosted has pgcrypto and uuid-ossp here; the wheel has neither. Core has what Balas needs of them.
create publication supabase_realtime;

-- Auth: belongs to supabase_auth_admin -------------------------------------------------------------
create schema auth authorization supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;
set role supabase_auth_admin;

create table auth.users (
  instance_id uuid,
  id uuid primary key,
  aud text,
  role text,
  email text,
  encrypted_password text,
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_sent_at timestamptz,
  recovery_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb not null default '{}',
  raw_user_meta_data jsonb not null default '{}',
  is_super_admin boolean,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  phone text unique,
  phone_confirmed_at timestamptz,
  banned_until timestamptz,
  deleted_at timestamptz,
  is_sso_user boolean not null default false,
  is_anonymous boolean not null default false
);
create unique index users_email_key on auth.users (lower(email)) where not is_sso_user;

create table auth.identities (
  id uuid primary key default gen_random_uuid(),
  provider_id text not null,
  user_id uuid not null references auth.users on delete cascade,
  identity_data jsonb not null,
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, provider)
);

create table auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  aal text not null default 'aal1',
  amr jsonb not null default '[]',
  not_after timestamptz
);
create index sessions_user_id_idx on auth.sessions (user_id);

create table auth.refresh_tokens (
  id bigint generated always as identity primary key,
  token text not null unique,
  user_id uuid not null,
  session_id uuid not null references auth.sessions on delete cascade,
  parent text,
  revoked boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index refresh_tokens_session_id_idx on auth.refresh_tokens (session_id);
create index refresh_tokens_parent_idx on auth.refresh_tokens (parent);

create table auth.one_time_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  token_type text not null,
  token_hash text not null,
  created_at timestamptz not null default now(),
  unique (user_id, token_type)
);

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;
create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

alter table auth.users enable row level security;
alter table auth.identities enable row level security;
alter table auth.sessions enable row level security;
alter table auth.refresh_tokens enable row level security;
alter table auth.one_time_tokens enable row level security;
grant all on auth.users, auth.identities, auth.sessions, auth.refresh_tokens, auth.one_time_tokens
  to postgres;
reset role;

-- Storage: belongs to supabase_storage_admin --------------------------------------------------------
create schema storage authorization supabase_storage_admin;
grant usage on schema storage to postgres with grant option;
grant usage on schema storage to anon, authenticated, service_role;
set role supabase_storage_admin;

create table storage.buckets (
  id text primary key,
  name text not null unique,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text
);

create table storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets,
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
create index name_prefix_search on storage.objects (name text_pattern_ops);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;

create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1]
$$;
create function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]
$$;
create function storage.extension(name text) returns text language sql immutable as $$
  select reverse(split_part(reverse(storage.filename(name)), '.', 1))
$$;

-- Hosted projects refuse to delete these rows behind the API's back: the bytes would stay.
create function storage.protect_delete() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
      using errcode = '42501';
  end if;
  return null;
end
$$;
create trigger protect_buckets_delete before delete on storage.buckets
  for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects
  for each statement execute function storage.protect_delete();
reset role;

-- Realtime: belongs to supabase_realtime_admin ------------------------------------------------------
create schema realtime authorization supabase_realtime_admin;
grant usage on schema realtime to postgres with grant option;
grant usage on schema realtime to anon, authenticated, service_role;
set role supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
alter table realtime.messages enable row level security;
grant all on realtime.messages to postgres;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

-- Daily partitions from yesterday to `ahead` days from today, as hosted Realtime keeps them; days
-- older than three are dropped. Without a partition realtime.send loses its message silently.
create function realtime.keep_partitions(ahead int default 4) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  day date;
  partition text;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('realtime.keep_partitions'));
  -- Day by day in UTC: the column has no zone and hosted servers run in UTC.
  for day in
    select d::date from pg_catalog.generate_series(
      (now() at time zone 'utc')::date - 1, (now() at time zone 'utc')::date + ahead, interval '1 day') as d
  loop
    partition := 'messages_' || pg_catalog.to_char(day, 'YYYY_MM_DD');
    if pg_catalog.to_regclass('realtime.' || partition) is null then
      execute pg_catalog.format(
        'create table realtime.%I partition of realtime.messages for values from (%L) to (%L)',
        partition, day, day + 1);
    end if;
  end loop;
  for partition in
    select relname from pg_catalog.pg_class
    where relnamespace = 'realtime'::regnamespace and relkind = 'r'
      and relname ~ '^messages_\d{4}_\d{2}_\d{2}$'
      and pg_catalog.to_date(pg_catalog.right(relname, 10), 'YYYY_MM_DD')
          < (now() at time zone 'utc')::date - 3
  loop
    execute pg_catalog.format('drop table realtime.%I', partition);
  end loop;
end
$$;
revoke execute on function realtime.keep_partitions(int) from public;

create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

-- Security invoker, and every error becomes a warning: both as hosted.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
  returns void language plpgsql as $$
declare
  message_id uuid := gen_random_uuid();
begin
  begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (
      message_id,
      case when payload ? 'id' then payload
           else payload || jsonb_build_object('id', message_id) end,
      event, topic, private, 'broadcast');
  exception when others then
    raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

create function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW') returns void language plpgsql as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', case when operation = 'INSERT' then null else to_jsonb(old) end,
      'record', case when operation = 'DELETE' then null else to_jsonb(new) end,
      'operation', operation, 'table', table_name, 'schema', table_schema),
    event_name, topic_name);
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end
$$;

-- The gateway's doorbell. Hosted Realtime reads the write-ahead log instead; a notification leaves
-- at commit and in commit order too. Past the 8,000 bytes of a notification only the key travels.
create function realtime.announce() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  body text := pg_catalog.json_build_object(
    'id', new.id, 'topic', new.topic, 'event', new.event, 'private', new.private,
    'extension', new.extension, 'payload', new.payload)::text;
begin
  if pg_catalog.octet_length(body) > 7900 then
    body := pg_catalog.json_build_object(
      'id', new.id, 'topic', new.topic, 'inserted_at', new.inserted_at)::text;
  end if;
  perform pg_catalog.pg_notify('realtime_messages', body);
  return null;
end
$$;
revoke execute on function realtime.announce() from public;
create trigger announce after insert on realtime.messages
  for each row execute function realtime.announce();
select realtime.keep_partitions();
reset role;

-- What postgres may do in the schemas of others ------------------------------------------------------
-- Hosted, the extension supautils lets postgres write policies on tables it does not own. Postgres
-- alone ties that to ownership, so postgres is a member of the owners, and the event triggers below
-- take back everything else that ownership would bring.
grant supabase_storage_admin, supabase_realtime_admin to postgres with inherit true, set false;
-- Which it allows besides, for loading data.
grant set on parameter session_replication_role to postgres;

create function extensions.refuse_foreign_ddl() returns event_trigger
  language plpgsql set search_path = '' as $$
declare
  command record;
begin
  if current_user in ('supabase_admin', 'supabase_auth_admin', 'supabase_storage_admin',
                      'supabase_realtime_admin') then
    return;
  end if;
  if tg_event = 'sql_drop' then
    for command in
      select object_identity from pg_catalog.pg_event_trigger_dropped_objects()
      where object_type not in ('policy', 'trigger')
        and (schema_name in ('auth', 'storage', 'realtime')
             or object_identity in ('auth', 'storage', 'realtime'))
    loop
      raise exception 'must be owner of %', command.object_identity using errcode = '42501';
    end loop;
  else
    for command in
      select object_identity from pg_catalog.pg_event_trigger_ddl_commands()
      where command_tag not in ('CREATE POLICY', 'ALTER POLICY', 'CREATE TRIGGER', 'COMMENT',
                                'GRANT', 'REVOKE')
        and (schema_name in ('auth', 'storage', 'realtime')
             or object_identity in ('auth', 'storage', 'realtime'))
    loop
      raise exception 'must be owner of %', command.object_identity using errcode = '42501';
    end loop;
  end if;
end
$$;
create event trigger refuse_foreign_ddl on ddl_command_end
  execute function extensions.refuse_foreign_ddl();
create event trigger refuse_foreign_drop on sql_drop
  execute function extensions.refuse_foreign_ddl();
