-- Privacy, part three: retention. For how many days each kind of data is kept is a setting; the
-- worker deletes what is older, every hour, some rows at a time.
--
--   messages  what was written, with its attempts, notes and events of the same age, and its files
--   media     files in Storage; the message stays and says that its file is gone
--   requests  Twilio's raw requests
--   audit     the audit log
--
-- Null keeps for ever. Where nothing is set, only raw requests go, after 90 days: they repeat what
-- the messages say. Contacts and their threads stay, also empty ones: so that somebody can still
-- be found, and erased.

create function private.retention() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('messages', null, 'media', null, 'requests', 90, 'audit', null)
    || coalesce((select s.value from public.settings s where s.key = 'retention'), '{}')
$$;

-- What is older than this goes; null when it is kept for ever.
create function private.retention_edge(kind text, at timestamptz default now())
returns timestamptz
language sql stable set search_path = '' as $$
  select at - (private.retention() ->> kind)::integer * interval '1 day'
$$;

-- {"messages", "media", "requests", "audit"}: days or null. For administrators.
create function public.retention() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may look at this.',
      'Ask an administrator.');
  end if;
  return private.retention();
end $$;

-- Sets all four at once; null keeps for ever. The least that can be asked for leaves time to answer
-- somebody, to look into a mistake and to see who did what.
create function public.save_retention(
  messages integer default null, media integer default null, requests integer default null,
  audit integer default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  wanted constant jsonb := jsonb_build_object('messages', save_retention.messages,
    'media', save_retention.media, 'requests', save_retention.requests,
    'audit', save_retention.audit);
  least_days constant jsonb := '{"messages": 30, "media": 7, "requests": 7, "audit": 180}';
  bad text;
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may change this.',
      'Ask an administrator.');
  end if;
  select w.key into bad from jsonb_each_text(wanted) w
   where w.value::integer < (least_days ->> w.key)::integer or w.value::integer > 36500
   order by w.key limit 1;
  if bad is not null then
    perform private.refuse('bad_days',
      format('For %s, choose at least %s days.', bad, least_days ->> bad),
      'Choose more days, or keep it for ever.');
  end if;
  insert into public.settings as s (key, value) values ('retention', wanted)
  on conflict on constraint settings_pkey do update set value = excluded.value
    where s.value <> excluded.value;
  return private.retention();
end $$;

-- Files whose rows are gone: the worker deletes them in Storage, then their line here.
create table private.files_to_delete (
  bucket text not null,
  path text not null,
  since timestamptz not null default now(),
  primary key (bucket, path)
);
alter table private.files_to_delete enable row level security;

-- Folders of erased people, named by their conversation. An upload that was under way when the person
-- was erased may still have come after the last look; these are looked at for a week.
create table private.erased_folders (
  name text primary key,
  erased_at timestamptz not null default now()
);
alter table private.erased_folders enable row level security;

create function private.keep_folder() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.erased_folders (name) values (new.name) on conflict do nothing;
  return null;
end $$;
create trigger balas_keep_folder after insert on private.erasure_parts
  for each row when (new.kind = 'folder') execute function private.keep_folder();

create index messages_media_stored on public.messages ("timestamp")
  where media @> '[{"state": "stored"}]';
create index notes_created on public.notes using brin (created_at);
create index events_created on public.events using brin (created_at);

-- Notes the files of these messages as to be deleted; a retried message shares its files with the
-- one before it.
create function private.give_up_files(gone uuid[]) returns void
language sql volatile set search_path = '' as $$
  insert into private.files_to_delete (bucket, path)
  select distinct f ->> 'bucket', f ->> 'path'
    from public.messages m cross join lateral jsonb_array_elements(m.media) f
   where m.id = any (gone) and f ->> 'bucket' in ('media', 'attachments')
     and f ->> 'path' like m.conversation_id || '/_%'
     and not exists (
       select from public.messages o
        where o.conversation_id = m.conversation_id and o.id <> all (gone)
          and o.media @> jsonb_build_array(jsonb_build_object('path', f -> 'path')))
  on conflict do nothing
$$;

-- Deletes up to `most` of one kind that are past their time. Returns how many; 0 when none is left.
create function private.retain(kind text, most integer default 500, at timestamptz default now())
returns integer
language plpgsql set search_path = '' as $$
declare
  edge constant timestamptz := private.retention_edge(kind, at);
  gone uuid[];
  n integer := 0;
  more integer;
begin
  if edge is null then
    return 0;
  end if;
  case kind
  when 'messages' then
    -- What is still on its way has its own end. Each direction for itself: the index is by it.
    gone := array(
      select m.id from (
        (select id, status from public.messages
          where direction = 'inbound' and "timestamp" < edge order by "timestamp" limit most)
        union all
        (select id, status from public.messages
          where direction = 'outbound' and "timestamp" < edge
            and status is distinct from 'queued' and status is distinct from 'sending'
            and status is distinct from 'uncertain' and status is distinct from 'scheduled'
          order by "timestamp" limit most)
        union all
        (select id, status from public.messages
          where direction is null and "timestamp" < edge order by "timestamp" limit most)) m
       limit most);
    perform private.give_up_files(gone);
    delete from public.messages m where m.id = any (gone);
    n := cardinality(gone);
    delete from public.notes where id in (
      select o.id from public.notes o where o.created_at < edge limit most);
    get diagnostics more = row_count;
    n := n + more;
    delete from public.events where id in (
      select o.id from public.events o where o.created_at < edge limit most);
    get diagnostics more = row_count;
    n := n + more;
  when 'media' then
    gone := array(
      select m.id from public.messages m
       where m.media @> '[{"state": "stored"}]' and m."timestamp" < edge
         and m.status is distinct from 'queued' and m.status is distinct from 'sending'
         and m.status is distinct from 'uncertain' and m.status is distinct from 'scheduled'
       order by m."timestamp" limit most);
    perform private.give_up_files(gone);
    update public.messages m
       set media = (
         select jsonb_agg(case f ->> 'state'
                  when 'stored' then f || '{"state": "failed", "error": "expired", "path": null,
                                            "url": null}'
                  else f end order by i)
           from jsonb_array_elements(m.media) with ordinality e (f, i))
     where m.id = any (gone);
    n := cardinality(gone);
  when 'requests' then
    delete from private.webhook_requests where id in (
      select r.id from private.webhook_requests r where r.received_at < edge
       order by r.received_at limit most);
    get diagnostics n = row_count;
  when 'audit' then
    perform private.open_audit();
    delete from public.audit_log where id in (
      select a.id from public.audit_log a where a.at < edge order by a.at limit most);
    get diagnostics n = row_count;
  end case;
  return n;
end $$;

-- What a run of the worker deleted, once for all, {kind: n}.
create function private.note_retention(counts jsonb) returns void
language sql volatile set search_path = '' as $$
  insert into public.audit_log (action, data) values ('retention_applied', counts)
$$;

-- Files to delete in Storage now, {bucket: [paths]}; {} when there are none.
create function private.files_due(most integer default 100) returns jsonb
language plpgsql set search_path = '' as $$
declare
  found jsonb;
  folder text;
begin
  select coalesce(jsonb_object_agg(b, paths), '{}') into found
    from (select d.bucket as b, jsonb_agg(d.path) as paths
            from (select bucket, path from private.files_to_delete order by since limit most) d
           group by d.bucket) g;
  if found <> '{}' or to_regclass('storage.objects') is null then
    return found;
  end if;
  for folder in
    select f.name from private.erased_folders f
     where f.erased_at > now() - interval '7 days' order by f.erased_at
  loop
    execute format($query$
      select coalesce(jsonb_object_agg(b, paths), '{}')
        from (select o.bucket_id as b, jsonb_agg(o.name) as paths
                from (select bucket_id, name from storage.objects
                       where bucket_id in ('media', 'attachments') and name like %L
                       limit %s) o
               group by o.bucket_id) g
    $query$, folder || '%', most) into found;
    exit when found <> '{}';
  end loop;
  return found;
end $$;

-- These are gone in Storage.
create function private.files_gone(bucket text, paths text[]) returns void
language sql volatile set search_path = '' as $$
  delete from private.files_to_delete d
   where d.bucket = files_gone.bucket and d.path = any (paths)
$$;

-- As before, and without what is past its time: it was here once, and would only come to go again.
create or replace function private.sweep_compare(listed jsonb) returns text[]
language plpgsql set search_path = '' as $$
declare
  edge constant timestamptz := coalesce(private.retention_edge('messages'), '-infinity');
begin
  return array(
    select m.s from unnest(private.sweep_missing(listed)) with ordinality m (s, n)
     where not exists (select from private.erased_sids e where e.sid = m.s)
       and not exists (
         select from jsonb_to_recordset(listed) as l (sid text, at timestamptz)
          where l.sid = m.s and l.at < edge)
     order by m.n);
end $$;

revoke all on private.files_to_delete, private.erased_folders from public, anon, authenticated;
revoke all on function
  private.retention(), private.retention_edge(text, timestamptz), public.retention(),
  public.save_retention(integer, integer, integer, integer), private.keep_folder(),
  private.give_up_files(uuid[]), private.retain(text, integer, timestamptz),
  private.note_retention(jsonb), private.files_due(integer), private.files_gone(text, text[]),
  private.sweep_compare(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.retention(), public.save_retention(integer, integer, integer, integer)
  to authenticated;
