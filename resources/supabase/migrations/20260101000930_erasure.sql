-- Privacy, part one: erasing a person.
--
-- A supervisor or administrator asks for it; the worker's job `erase_contact` does it, in steps that
-- may each be repeated: the database in one transaction, then the files in Storage, then Twilio
-- (texts emptied, files deleted; its list is asked as well for what we never stored). What is still
-- to be done outside stands in private.erasure_parts and goes as it is done. In the end there is a
-- receipt without the data: ids and counts.
--
-- Desktops hear through the change feed that the conversations and the contact are gone, and purge
-- their caches and their search.

create table public.erasures (
  id uuid primary key,
  contact_id uuid not null,
  requested_by uuid,
  requested_at timestamptz not null default clock_timestamp(),
  state text not null default 'waiting'
    check (state in ('waiting', 'erasing', 'done', 'incomplete')),
  rows_at timestamptz,
  finished_at timestamptz,
  counts jsonb not null default '{}',
  left_over text[] not null default '{}',
  trouble text
);
comment on table public.erasures is 'Receipts: that, when and by whom a person was erased; not who.';
comment on column public.erasures.rows_at is 'Since when nothing of the person is in the database.';
comment on column public.erasures.left_over is
  'SIDs of messages whose text Twilio would not empty within a week; asking again tries them anew.';
comment on column public.erasures.trouble is 'What is in the way just now, in words.';
create unique index erasures_one_at_a_time on public.erasures (contact_id) where state <> 'done';
create index erasures_open on public.erasures (requested_at) where state in ('waiting', 'erasing');
create index erasures_at on public.erasures (requested_at desc, id desc);
alter table public.erasures enable row level security;
revoke all on public.erasures from public, anon, authenticated;
grant select on public.erasures to authenticated, service_role;
create policy read_as_supervisor on public.erasures for select to authenticated
  using ((select private.is_supervisor()));

-- What is still to be done outside the database. Nothing of a finished erasure stays here, but the
-- SIDs that are left over.
--   address  a customer's address whose list at Twilio is still to be read
--   sid      a message at Twilio whose text is to be emptied and whose files are to be deleted
--   folder   where files lie in the buckets media and attachments
create table private.erasure_parts (
  erasure_id uuid not null references public.erasures (id) on delete cascade,
  kind text not null check (kind in ('address', 'sid', 'folder')),
  name text not null,
  tries integer not null default 0,
  not_before timestamptz not null default '-infinity',
  primary key (erasure_id, kind, name)
);
alter table private.erasure_parts enable row level security;

-- Messages that were erased. Twilio goes on listing them, and a spool may still hold them: they must
-- not come back.
create table private.erased_sids (
  sid text primary key,
  erased_at timestamptz not null default now()
);
alter table private.erased_sids enable row level security;

-- Requests that belong to no message: those that nobody could parse.
create index webhook_requests_loose on private.webhook_requests (received_at)
  where message_id is null;

-- Not coming back ------------------------------------------------------------------------------

-- Whoever takes in an erased message is told that it is there already, as with a repeated one; what
-- was made for it a moment ago, in the same transaction, goes with it.
create function private.skip_erased() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  person uuid;
begin
  if not exists (select from private.erased_sids e where e.sid = new.message_sid) then
    return new;
  end if;
  delete from public.conversations c
   where c.id = new.conversation_id and c.created_at = now()
     and not exists (select from public.messages m where m.conversation_id = c.id)
  returning c.contact_id into person;
  delete from public.contacts p
   where p.id = person and p.created_at = now()
     and not exists (select from public.conversations c where c.contact_id = p.id);
  return null;
end $$;
create trigger balas_erased before insert on public.messages
  for each row when (new.message_sid is not null) execute function private.skip_erased();

alter function private.sweep_compare(jsonb) rename to sweep_missing;

-- As `private.sweep_missing`, without the messages that were erased.
create function private.sweep_compare(listed jsonb) returns text[]
language plpgsql set search_path = '' as $$
begin
  return array(
    select s from unnest(private.sweep_missing(listed)) with ordinality m (s, n)
     where not exists (select from private.erased_sids e where e.sid = m.s) order by m.n);
end $$;

-- The audit log is append only for everybody but erasure and retention, which say so in their own
-- transaction. Nobody with a login may write the table at all.
create or replace function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_table_name = 'audit_log' and tg_op <> 'TRUNCATE'
     and current_setting('balas.audit_open', true) = pg_current_xact_id()::text then
    return null;
  end if;
  raise exception using errcode = 'P0001', message = 'append_only',
    detail = format('%s is append only.', tg_table_name),
    hint = 'Write a new entry instead.';
end $$;

create function private.open_audit() returns void
language sql volatile set search_path = '' as $$
  select set_config('balas.audit_open', pg_current_xact_id()::text, true)
$$;

-- Asking ----------------------------------------------------------------------------------------

create function private.receipt(erasure uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('erasures', coalesce(jsonb_agg(to_jsonb(e)), '[]'))
    from public.erasures e where e.id = erasure
$$;

create function private.enqueue_erasure(erasure uuid) returns void
language sql volatile set search_path = '' as $$
  select private.enqueue('erase_contact', jsonb_build_object('message_id', erasure),
    queueing_lock => 'erase_contact:' || erasure, queue => 'privacy')
$$;

-- Erases a person: every conversation, message, note, draft and file, here, at Twilio and on all
-- desktops. It cannot be undone. `id` is made by the desktop: asking again with it is harmless and
-- answers with the receipt as it stands, {"erasures": [row]}; on one that stayed incomplete it
-- tries again. From this moment on nothing more is sent to this person.
create function public.erase_contact(id uuid, contact_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known public.erasures;
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may erase a contact.', 'Ask a supervisor.');
  end if;
  if erase_contact.id is null then
    perform private.refuse('bad_id', 'The erasure has no id.');
  end if;
  -- The contact first: two who ask at once wait for each other here.
  perform from public.contacts c where c.id = erase_contact.contact_id for update;
  if not found and not exists (
    select from public.erasures e
     where e.id = erase_contact.id or e.contact_id = erase_contact.contact_id) then
    perform private.refuse('not_found', 'There is no such contact.', 'They may be erased already.');
  end if;
  select * into known from public.erasures e where e.id = erase_contact.id;
  if known.id is not null and known.contact_id is distinct from erase_contact.contact_id then
    perform private.refuse('not_allowed', 'This id belongs to another erasure.', 'Ask anew.');
  end if;
  if known.id is null then  -- somebody else was first: theirs is the receipt
    select * into known from public.erasures e
     where e.contact_id = erase_contact.contact_id order by e.requested_at desc limit 1;
  end if;
  if known.id is null and exists (
    select from public.contacts c
     where c.id = erase_contact.contact_id and c.merged_into is not null) then
    perform private.refuse('merged', 'This contact was merged into another one.',
      'Erase that one, or undo the merge.');
  end if;
  if known.id is not null then
    update public.erasures e set state = 'erasing', left_over = '{}', finished_at = null
     where e.id = known.id and e.state = 'incomplete';
    if found then
      update private.erasure_parts p set tries = 0, not_before = '-infinity'
       where p.erasure_id = known.id;
      perform private.enqueue_erasure(known.id);
    end if;
    return private.receipt(known.id);
  end if;

  insert into public.erasures (id, contact_id, requested_by)
  values (erase_contact.id, erase_contact.contact_id, auth.uid());
  update public.contacts c set blocked = true
   where c.id = erase_contact.contact_id and not c.blocked;
  update public.messages m set status = 'canceled'
    from public.conversations c
   where c.contact_id = erase_contact.contact_id and m.conversation_id = c.id
     and m.direction = 'outbound' and m.status in ('queued', 'scheduled');
  perform private.audit('contact_erasure_requested', 'contacts', erase_contact.contact_id,
    jsonb_build_object('erasure_id', erase_contact.id));
  perform private.enqueue_erasure(erase_contact.id);
  return private.receipt(erase_contact.id);
end $$;

-- A job for every erasure that has none: the rows are the truth. Returns how many.
create function private.kick_erasures() returns integer
language plpgsql set search_path = '' as $$
declare
  waiting record;
  kicked integer := 0;
begin
  if to_regclass('jobs.procrastinate_jobs') is null then
    return 0;
  end if;
  for waiting in
    select e.id from public.erasures e where e.state in ('waiting', 'erasing')
     order by e.requested_at limit 100
  loop
    if not private.has_job(null, 'erase_contact', waiting.id) then
      perform private.enqueue_erasure(waiting.id);
      kicked := kicked + 1;
    end if;
  end loop;
  return kicked;
end $$;

revoke all on private.erasure_parts, private.erased_sids from public, anon, authenticated;
revoke all on function
  private.skip_erased(),
  private.sweep_compare(jsonb), private.open_audit(), private.receipt(uuid),
  private.enqueue_erasure(uuid), private.kick_erasures(), public.erase_contact(uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.erase_contact(uuid, uuid) to authenticated;
