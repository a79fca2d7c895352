-- The change feed: what changed, for whom, and in which transaction.
--
-- A change carries the id of its transaction (xid8), not only a sequence number. Sequence numbers
-- are taken before the commit, so a reader who remembers "I have everything up to number n" skips
-- whatever commits late with a number below n. Remembering the snapshot instead says exactly
-- which transactions were seen: not seen are those that were running in it, and those after it.
-- Nothing is skipped, nothing is repeated, and a transaction left open for hours delays nobody.

create table private.changes (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,
  id text not null,
  inbox_id uuid,
  conversation_id uuid,
  profile_id uuid,
  op text not null default 'upsert' check (op in ('upsert', 'arrive', 'delete')),
  urgent boolean not null default true,
  at timestamptz not null default now()
);
comment on table private.changes is
  'inbox_id: who sees it. profile_id: only this person. Neither: all staff. op arrive: a thread '
  'came to this inbox from another, so its readers need its past as well.';
-- Whose feed a change is in, and there in the order in which pages are read. `feed_page` says the
-- same expression.
create index changes_audience on private.changes (
  (coalesce(inbox_id, profile_id, '00000000-0000-0000-0000-000000000000')), xid, seq);
-- For pruning only, and next to free when a change is written.
create index changes_at on private.changes using brin (at);

-- Which feed this is. A cursor of another feed, or older than what was pruned, starts anew.
create table private.feed (
  only_one boolean primary key default true check (only_one),
  id uuid not null default gen_random_uuid(),
  pruned_until timestamptz not null default '-infinity'
);
insert into private.feed default values;

-- Inboxes in which a conversation's contact is seen.
create function private.note_contacts(contacts uuid[]) returns void
language sql security definer set search_path = '' as $$
  insert into private.changes (kind, id, inbox_id)
  select distinct 'contacts', c.contact_id::text, c.inbox_id
    from public.conversations c
   where c.contact_id = any (contacts) and c.inbox_id is not null
$$;

-- One trigger function for all tables. Statement-level with transition tables, so that a bulk
-- statement writes its changes at once. Security definer: whoever may write the table may not
-- write the feed.
--
-- `*<>` compares the stored bytes: an adopted table may have columns of a type without equality.
create function private.note_messages() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    -- A reply is on its writer's screen already; the others can wait a second for it.
    insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
    select 'messages', n.id::text, c.inbox_id, n.conversation_id,
           n.direction is distinct from 'outbound'
      from new_rows n join public.conversations c on c.id = n.conversation_id
     order by n."timestamp";
  elsif tg_op = 'UPDATE' then
    -- Ticks are not urgent; anything that changes the bubble's content is.
    insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
    select 'messages', n.id::text, c.inbox_id, n.conversation_id,
           (n.content, n.media, n.metadata, n.conversation_id)
             is distinct from (o.content, o.media, o.metadata, o.conversation_id)
           or coalesce(n.status in ('failed', 'undelivered', 'uncertain'), false)
      from new_rows n
      join old_rows o on o.id = n.id
      join public.conversations c on c.id = n.conversation_id
     where n.* *<> o.*
     order by n."timestamp";
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'messages', o.id::text, c.inbox_id, o.conversation_id, 'delete'
      from old_rows o
      join new_rows n on n.id = o.id
      join public.conversations c on c.id = o.conversation_id
     where n.conversation_id is distinct from o.conversation_id;
  else
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'messages', o.id::text, c.inbox_id, o.conversation_id, 'delete'
      from old_rows o join public.conversations c on c.id = o.conversation_id;
  end if;
  return null;
end $$;

create function private.note_conversations() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into private.changes (kind, id, inbox_id, conversation_id)
    select 'conversations', n.id::text, n.inbox_id, n.id from new_rows n
     where n.inbox_id is not null;
  elsif tg_op = 'UPDATE' then
    -- That a thread was answered is as urgent as the answer; everything else is what people wait for.
    insert into private.changes (kind, id, inbox_id, conversation_id, op, urgent)
    select 'conversations', n.id::text, n.inbox_id, n.id,
           case when n.inbox_id is distinct from o.inbox_id then 'arrive' else 'upsert' end,
           (n.inbox_id, n.contact_id, n.status, n.assignee_id, n.priority, n.snoozed_until,
            n.last_inbound_at)
             is distinct from (o.inbox_id, o.contact_id, o.status, o.assignee_id, o.priority,
                               o.snoozed_until, o.last_inbound_at)
      from new_rows n join old_rows o on o.id = n.id
     where n.* *<> o.* and n.inbox_id is not null;
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'conversations', o.id::text, o.inbox_id, o.id, 'delete'
      from old_rows o join new_rows n on n.id = o.id
     where n.inbox_id is distinct from o.inbox_id and o.inbox_id is not null;
  else
    -- Its messages, notes and the rest go with it; readers drop the whole thread.
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'conversations', o.id::text, o.inbox_id, o.id, 'delete' from old_rows o
     where o.inbox_id is not null;
  end if;
  return null;
end $$;

-- A changed contact or address; the argument is the column that names the contact.
create function private.note_contact() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  found_rows jsonb[];
  more_rows jsonb[];
begin
  if tg_op <> 'INSERT' then
    select array_agg(to_jsonb(o)) into found_rows from old_rows o;
  end if;
  if tg_op <> 'DELETE' then
    select array_agg(to_jsonb(n)) into more_rows from new_rows n;
    found_rows := found_rows || more_rows;
  end if;
  if found_rows is not null then  -- a statement that touched no row calls us, too
    perform private.note_contacts(
      (select array_agg((r ->> tg_argv[0])::uuid) from unnest(found_rows) r));
  end if;
  return null;
end $$;

-- Rows that hang on a conversation: notes, events, conversation_labels, delivery_attempts.
create function private.note_of_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  gone constant boolean := tg_op = 'DELETE';
  found_rows jsonb[];
begin
  if gone then
    select array_agg(to_jsonb(o)) into found_rows from old_rows o;
  else
    select array_agg(to_jsonb(n)) into found_rows from new_rows n;
  end if;
  insert into private.changes (kind, id, inbox_id, conversation_id, op, urgent)
  select tg_table_name,
         coalesce(r ->> 'id', (r ->> 'conversation_id') || ':' || (r ->> 'label_id')),
         c.inbox_id, c.id, case when gone then 'delete' else 'upsert' end,
         tg_table_name <> 'delivery_attempts'
    from unnest(found_rows) r
    left join public.messages m on m.id = (r ->> 'message_id')::uuid
    join public.conversations c on c.id = coalesce((r ->> 'conversation_id')::uuid,
                                                   m.conversation_id);
  return null;
end $$;

-- One person's own rows: reads and drafts, named by their conversation.
create function private.note_own() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, profile_id, conversation_id, op, urgent)
    select tg_table_name, o.conversation_id::text, o.profile_id, o.conversation_id, 'delete', false
      from old_rows o;
  else
    insert into private.changes (kind, id, profile_id, conversation_id, urgent)
    select tg_table_name, n.conversation_id::text, n.profile_id, n.conversation_id, false
      from new_rows n;
  end if;
  return null;
end $$;

-- What all staff share: profiles, labels, canned_replies, templates, service_state; and inboxes,
-- seen by theirs.
create function private.note_shared() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, inbox_id, op, urgent)
    select tg_table_name, o.id::text,
           case tg_table_name when 'inboxes' then o.id end, 'delete', false
      from old_rows o;
  else
    insert into private.changes (kind, id, inbox_id, urgent)
    select tg_table_name, n.id::text,
           case tg_table_name when 'inboxes' then n.id end, false
      from new_rows n;
    -- The person whose own rights may have changed is told at once, staff or not.
    if tg_table_name = 'profiles' then
      insert into private.changes (kind, id, profile_id)
      select 'profiles', n.id::text, n.id from new_rows n;
    end if;
  end if;
  return null;
end $$;

-- Joining or leaving an inbox: the cursor itself sees it, the person needs a bell to look.
create function private.note_members() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, profile_id)
    select 'profiles', o.profile_id::text, o.profile_id from old_rows o;
  else
    insert into private.changes (kind, id, profile_id)
    select 'profiles', n.profile_id::text, n.profile_id from new_rows n;
  end if;
  return null;
end $$;

-- A trigger with transition tables serves one event, so each table gets three.
do $$
declare
  watched record;
begin
  for watched in
    select * from (values
      ('messages', 'note_messages()'),
      ('conversations', 'note_conversations()'),
      ('contacts', $q$note_contact('id')$q$),
      ('contact_addresses', $q$note_contact('contact_id')$q$),
      ('notes', 'note_of_conversation()'),
      ('events', 'note_of_conversation()'),
      ('conversation_labels', 'note_of_conversation()'),
      ('delivery_attempts', 'note_of_conversation()'),
      ('reads', 'note_own()'),
      ('drafts', 'note_own()'),
      ('profiles', 'note_shared()'),
      ('inboxes', 'note_shared()'),
      ('labels', 'note_shared()'),
      ('canned_replies', 'note_shared()'),
      ('templates', 'note_shared()'),
      ('service_state', 'note_shared()'),
      ('inbox_members', 'note_members()')) as t (name, handler)
  loop
    execute format('create trigger balas_note_insert after insert on public.%I
      referencing new table as new_rows for each statement execute function private.%s',
      watched.name, watched.handler);
    execute format('create trigger balas_note_update after update on public.%I
      referencing old table as old_rows new table as new_rows
      for each statement execute function private.%s', watched.name, watched.handler);
    execute format('create trigger balas_note_delete after delete on public.%I
      referencing old table as old_rows for each statement execute function private.%s',
      watched.name, watched.handler);
  end loop;
end $$;

-- Housekeeping, called by the worker: a cursor older than what was pruned starts anew.
create function private.prune_changes(keep interval default '30 days') returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  gone bigint;
  edge constant timestamptz := now() - keep;
begin
  update private.feed set pruned_until = greatest(pruned_until, edge);
  delete from private.changes where at < edge;
  get diagnostics gone = row_count;
  return gone;
end $$;

-- After a restore into another cluster the transaction ids mean nothing: begin a new feed, so that
-- every cursor starts anew. Called by `balas migrate`.
create function private.renew_feed() returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from private.changes
                  where xid > pg_catalog.pg_current_xact_id()) then
    return false;
  end if;
  delete from private.changes;
  update private.feed set id = gen_random_uuid();
  return true;
end $$;

revoke all on private.changes, private.feed from public, anon, authenticated;
revoke all on all functions in schema private from public, anon, authenticated;
grant execute on function private.my_inboxes(), private.is_staff(), private.is_admin()
  to authenticated, service_role;
