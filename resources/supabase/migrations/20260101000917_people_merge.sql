-- Two contacts who are one person become one, and two again when that was wrong.
--
-- Addresses and threads go to the contact that stays. Where both have a thread in one inbox, it
-- becomes one: messages, notes and events move into the thread that stays. The other one is not
-- deleted, because its files lie under its id and tables that we do not know may point to it: it goes,
-- empty, to an inbox that nobody sees. So every desktop hears "this thread has left your inbox" and,
-- when the merge is undone, "it has come back", as with any thread that moves (note_conversations).

alter table public.inboxes add column hidden boolean not null default false;
create unique index inboxes_one_hidden on public.inboxes (hidden) where hidden;
comment on column public.inboxes.hidden is 'The home of threads that were joined to others.';

alter table public.conversations
  add column joined_to uuid references public.conversations (id) on delete cascade;
create index conversations_joined_to on public.conversations (joined_to)
  where joined_to is not null;
comment on column public.conversations.joined_to is
  'The thread that has the messages of this one, while two contacts are merged.';

create or replace function private.my_inboxes() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select i.id
    from public.profiles p
    join public.inboxes i
      on p.role in ('supervisor', 'admin')
      or exists (select from public.inbox_members m
                  where m.inbox_id = i.id and m.profile_id = p.id)
   where p.id = (select auth.uid()) and p.active and not i.hidden
$$;

-- What a merge did, so that it can be undone. `before` and `after` are the fields of the contact
-- that stayed which the merge changed.
create table private.contact_merges (
  id uuid primary key,
  into_id uuid not null references public.contacts (id) on delete cascade,
  from_id uuid not null references public.contacts (id) on delete cascade,
  merged_by uuid,
  merged_at timestamptz not null,
  undone_by uuid,
  undone_at timestamptz,
  addresses uuid[] not null,
  moved uuid[] not null default '{}',
  before jsonb not null,
  after jsonb not null
);
create index contact_merges_into on private.contact_merges (into_id, merged_at desc);
create index contact_merges_from on private.contact_merges (from_id);
-- A thread that was joined to another, and both as they were.
create table private.joined_threads (
  merge_id uuid not null references private.contact_merges (id) on delete cascade,
  thread_id uuid not null references public.conversations (id) on delete cascade,
  joined_id uuid not null references public.conversations (id) on delete cascade,
  was_thread jsonb not null,
  was_joined jsonb not null,
  became jsonb not null,
  messages uuid[] not null,
  notes uuid[] not null,
  events uuid[] not null,
  labels uuid[] not null,
  primary key (merge_id, joined_id)
);
create index joined_threads_thread on private.joined_threads (thread_id);
create index joined_threads_joined on private.joined_threads (joined_id);
alter table private.contact_merges enable row level security;
alter table private.joined_threads enable row level security;
revoke all on private.contact_merges, private.joined_threads from public, anon, authenticated;

-- As before, and besides: what somebody does to a thread that was joined to another meanwhile, they
-- do to that one. A reply written offline finds its way.
create or replace function private.lock_my_conversation(conversation uuid)
returns public.conversations
language plpgsql security definer set search_path = '' as $$
declare
  thread public.conversations;
  further uuid;
begin
  select * into thread from public.conversations c
   where c.id = conversation and c.inbox_id in (select private.my_inboxes())
     for update;
  if thread.id is null then
    select c.joined_to into further from public.conversations c where c.id = conversation;
    if further is not null then
      return private.lock_my_conversation(further);
    end if;
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  return thread;
end $$;

create function private.hidden_inbox() returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  found uuid;
begin
  select i.id into found from public.inboxes i where i.hidden;
  if found is null then
    insert into public.inboxes (name, channel, hidden) values ('Joined threads', 'whatsapp', true)
    on conflict (hidden) where hidden do nothing;
    select i.id into found from public.inboxes i where i.hidden;
  end if;
  return found;
end $$;

-- Locks all that a merge or its undoing touches: what the customers write at this moment waits, as
-- do those who edit or merge the same people. In the order in which everybody locks: addresses,
-- contacts, labels (set_label), threads. Refuses what the caller does not see as a whole: a merge
-- changes what people of other inboxes see.
create function private.lock_people(people uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  known text[];
begin
  select array_agg(a.address order by a.address) into known
    from public.contact_addresses a where a.contact_id = any (people);
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from unnest(known) with ordinality k (x, n);
  perform from public.contacts p where p.id = any (people) order by p.id for no key update;
  if exists (select from public.contact_addresses a
              where a.contact_id = any (people) and a.address <> all (coalesce(known, '{}'))) then
    perform private.refuse('busy', 'Somebody else is changing this contact.', 'Try again.');
  end if;
  perform from public.labels l
    where l.id in (select m.label_id from public.conversation_labels m
                     join public.conversations c on c.id = m.conversation_id
                    where c.contact_id = any (people))
    order by l.id for key share;
  perform from public.conversations c where c.contact_id = any (people) order by c.id for update;
  if exists (select from public.conversations c
               left join public.conversations t on t.id = c.joined_to
              where c.contact_id = any (people)
                and coalesce(t.inbox_id, c.inbox_id) not in (select private.my_inboxes())) then
    perform private.refuse('not_allowed',
      'This contact also has conversations in inboxes that you do not see.', 'Ask a supervisor.');
  end if;
end $$;

-- How far each person has read two threads that become one: up to the first message that they have
-- not seen in either.
create function private.join_reads(thread uuid, joined uuid) returns void
language sql security definer set search_path = '' as $$
  with marks as (
    select r.profile_id, max(r.read_at) as furthest,
           max(r.read_at) filter (where r.conversation_id = thread) as here,
           max(r.read_at) filter (where r.conversation_id = joined) as there
      from public.reads r where r.conversation_id in (thread, joined) group by r.profile_id),
  fresh as (
    select k.profile_id, k.furthest, (
        select min(m."timestamp") from public.messages m
         where m.direction = 'inbound'
           and (m.conversation_id = thread and m."timestamp" > coalesce(k.here, '-infinity')
                or m.conversation_id = joined
                   and m."timestamp" > coalesce(k.there, '-infinity'))) as unseen
      from marks k)
  insert into public.reads as r (conversation_id, profile_id, read_at)
  select thread, f.profile_id,
         coalesce(least(f.furthest, f.unseen - interval '1 microsecond'), f.furthest)
    from fresh f
  on conflict on constraint reads_pkey do update
    set read_at = excluded.read_at, message_id = null
    where r.read_at <> excluded.read_at
$$;

-- Joins a thread to another of the same inbox; both are locked. Its labels, drafts and read marks
-- stay with it and are copied.
create function private.join_threads(merge uuid, joined public.conversations,
                                     thread public.conversations) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ranks constant text[] := array['low', 'normal', 'high', 'urgent'];
  became public.conversations := thread;
  told uuid[];
  written uuid[];
  noted uuid[];
  marked uuid[];
begin
  perform private.join_reads(thread.id, joined.id);
  with m as (
    update public.messages m set conversation_id = thread.id
     where m.conversation_id = joined.id returning m.id)
  select array_agg(id) into written from m;
  -- A desktop that drops the joined thread drops what was tried for its messages, too.
  insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
  select 'delivery_attempts', a.id::text, thread.inbox_id, thread.id, false
    from public.delivery_attempts a where a.message_id = any (written);
  with n as (
    update public.notes n set conversation_id = thread.id
     where n.conversation_id = joined.id returning n.id)
  select array_agg(id) into noted from n;
  with e as (
    update public.events e set conversation_id = thread.id
     where e.conversation_id = joined.id returning e.id)
  select array_agg(id) into told from e;
  with l as (
    insert into public.conversation_labels (conversation_id, label_id)
    select thread.id, x.label_id from public.conversation_labels x
     where x.conversation_id = joined.id
    on conflict on constraint conversation_labels_pkey do nothing
    returning label_id)
  select array_agg(label_id) into marked from l;
  -- The text alone: a message may only carry files of its own conversation (checked_files).
  insert into public.drafts as d (conversation_id, profile_id, body, note)
  select thread.id, x.profile_id, x.body, x.note from public.drafts x
   where x.conversation_id = joined.id and (x.body <> '' or x.note <> '')
  on conflict on constraint drafts_pkey do update
    set body = btrim(d.body || E'\n\n' || excluded.body, E'\n'),
        note = btrim(d.note || E'\n\n' || excluded.note, E'\n'), updated_at = now();

  became.status := case
    when 'open' in (thread.status, joined.status) then 'open'
    when 'snoozed' in (thread.status, joined.status) then 'snoozed' else 'resolved' end;
  became.snoozed_until := case became.status
    when 'snoozed' then least(thread.snoozed_until, joined.snoozed_until) end;
  became.assignee_id := coalesce(thread.assignee_id, joined.assignee_id);
  became.priority := ranks[greatest(
    array_position(ranks, thread.priority), array_position(ranks, joined.priority))];
  became.last_message_at := greatest(thread.last_message_at, joined.last_message_at);
  became.last_inbound_at := greatest(thread.last_inbound_at, joined.last_inbound_at);
  became.waiting_since := least(thread.waiting_since, joined.waiting_since);
  update public.conversations c
     set status = became.status, snoozed_until = became.snoozed_until,
         assignee_id = became.assignee_id, priority = became.priority,
         last_message_at = became.last_message_at, last_inbound_at = became.last_inbound_at,
         waiting_since = became.waiting_since
   where c.id = thread.id;
  -- `adopted`: several threads of one contact may lie there. Nobody resolves it by this, no report
  -- shall say so; but nothing waits there, and nothing wakes up.
  update public.conversations c
     set inbox_id = private.hidden_inbox(), joined_to = thread.id, adopted = true,
         status = case joined.status when 'snoozed' then 'open' else joined.status end,
         assignee_id = null, snoozed_until = null, waiting_since = null
   where c.id = joined.id;
  insert into private.joined_threads (merge_id, thread_id, joined_id, was_thread, was_joined,
    became, messages, notes, events, labels)
  values (merge, thread.id, joined.id, to_jsonb(thread), to_jsonb(joined), to_jsonb(became),
    coalesce(written, '{}'), coalesce(noted, '{}'), coalesce(told, '{}'), coalesce(marked, '{}'));
end $$;

-- The contact that stays, with what only the other one knew.
create function private.joined_contact(stays public.contacts, other public.contacts)
returns public.contacts
language plpgsql immutable set search_path = '' as $$
declare
  became public.contacts := stays;
begin
  became.name := coalesce(nullif(stays.name, ''), other.name);
  became.phone := coalesce(stays.phone, other.phone);
  became.locale := coalesce(stays.locale, other.locale);
  became.notes := case
    when coalesce(other.notes, '') in ('', stays.notes) then stays.notes
    else concat_ws(E'\n\n', nullif(stays.notes, ''), other.notes) end;
  became.attributes := other.attributes || stays.attributes;
  became.blocked := stays.blocked or other.blocked;
  return became;
end $$;

-- The answer to a merge and to its undoing.
create function private.merged_people(people uuid[], told uuid[]) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select private.changed_contacts(array(
      select p.id from public.contacts p where p.id = any (people) and p.merged_into is null), told)
    || jsonb_build_object(
      'conversations', (
        select coalesce(jsonb_agg(to_jsonb(c) order by c.id), '[]') from public.conversations c
         where c.contact_id = any (people) and c.inbox_id in (select private.my_inboxes())),
      'deleted', jsonb_strip_nulls(jsonb_build_object(
        'contacts', (select jsonb_agg(p.id) from public.contacts p
                      where p.id = any (people) and p.merged_into is not null),
        'conversations', (select jsonb_agg(c.id) from public.conversations c
                           where c.contact_id = any (people) and c.joined_to is not null))))
$$;

-- Makes two contacts one: `into_id` stays and gets everything of `from_id`. `id` is made by the
-- desktop and names the merge: repeating is harmless, and `undo_merge` wants it; the event
-- contact_merged says it, too, and in `threads` which thread has what was in another: it comes no
-- later than the news that the other one is gone, and whatever waits for that one, unsent, belongs
-- into this. Answers {"contacts", "conversations", "events", "deleted"}; messages
-- come through the feed, there may be thousands.
create function public.merge_contacts(id uuid, into_id uuid, from_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  people constant uuid[] := array[merge_contacts.into_id, merge_contacts.from_id];
  known private.contact_merges;
  stays public.contacts;
  goes public.contacts;
  became public.contacts;
  joined public.conversations;
  thread public.conversations;
  moment timestamptz;
  changed text[];
  told uuid[];
begin
  if merge_contacts.id is null then
    perform private.refuse('bad_id', 'The merge has no id.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('balas:merge:' || merge_contacts.id, 0));
  select * into known from private.contact_merges m where m.id = merge_contacts.id;
  if known.id is not null then
    if known.merged_by is distinct from auth.uid() or known.into_id <> merge_contacts.into_id
       or known.from_id <> merge_contacts.from_id then
      perform private.refuse('not_allowed', 'This id belongs to another merge.', 'Merge anew.');
    end if;
    return private.merged_people(people, '{}');
  end if;
  if merge_contacts.into_id = merge_contacts.from_id then
    perform private.refuse('bad_request', 'This is one contact already.', 'Choose another one.');
  end if;
  if not coalesce(private.may_see_contact(merge_contacts.into_id)
                  and private.may_see_contact(merge_contacts.from_id), false) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  perform private.lock_people(people);
  select * into stays from public.contacts p where p.id = merge_contacts.into_id;
  select * into goes from public.contacts p where p.id = merge_contacts.from_id;
  if stays.id is null or goes.id is null or stays.merged_into is not null
     or goes.merged_into is not null then
    perform private.refuse('not_found', 'One of the two was merged or erased meanwhile.',
      'Look at the contact again.');
  end if;

  moment := clock_timestamp();
  became := private.joined_contact(stays, goes);
  select coalesce(array_agg(f.key), '{}') into changed
    from jsonb_each(to_jsonb(became)) f where f.value <> to_jsonb(stays) -> f.key;
  insert into private.contact_merges (id, into_id, from_id, merged_by, merged_at, addresses,
    before, after, moved)
  values (merge_contacts.id, stays.id, goes.id, auth.uid(), moment,
    array(select a.id from public.contact_addresses a where a.contact_id = goes.id),
    (select coalesce(jsonb_object_agg(f, to_jsonb(stays) -> f), '{}') from unnest(changed) f),
    (select coalesce(jsonb_object_agg(f, to_jsonb(became) -> f), '{}') from unnest(changed) f),
    array(select c.id from public.conversations c
           where c.contact_id = goes.id and c.joined_to is null
             and (c.adopted or not exists (
               select from public.conversations o
                where o.contact_id = stays.id and o.inbox_id = c.inbox_id and not o.adopted))));

  -- Who saw the other one is told that it is gone.
  perform private.note_contacts(array[goes.id]);
  update public.contact_addresses a set contact_id = stays.id where a.contact_id = goes.id;
  for joined in
    select c.* from public.conversations c
     where c.contact_id = goes.id and c.joined_to is null and not c.adopted order by c.id
  loop
    select * into thread from public.conversations c
     where c.contact_id = stays.id and c.inbox_id = joined.inbox_id and not c.adopted;
    continue when thread.id is null;
    perform private.join_threads(merge_contacts.id, joined, thread);
  end loop;
  update public.conversations c set contact_id = stays.id
    from private.contact_merges m where m.id = merge_contacts.id and c.id = any (m.moved);
  update public.contacts p set merged_into = stays.id where p.id = goes.id;
  update public.contacts p
     set name = became.name, phone = became.phone, locale = became.locale, notes = became.notes,
         attributes = became.attributes, blocked = became.blocked
   where p.id = stays.id;
  told := private.tell_of_contact(stays.id, 'contact_merged', jsonb_build_object(
    'merge_id', merge_contacts.id, 'name', stays.name, 'from_name', goes.name,
    'threads', (select jsonb_object_agg(j.joined_id, j.thread_id)
                  from private.joined_threads j where j.merge_id = merge_contacts.id)));
  perform private.audit('contacts_merged', 'contacts', stays.id,
    jsonb_build_object('merge_id', merge_contacts.id, 'from_id', goes.id));
  return private.merged_people(people, told);
end $$;

revoke all on function
  private.hidden_inbox(), private.lock_people(uuid[]), private.join_reads(uuid, uuid),
  private.join_threads(uuid, public.conversations, public.conversations),
  private.joined_contact(public.contacts, public.contacts),
  private.merged_people(uuid[], uuid[]), public.merge_contacts(uuid, uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.merge_contacts(uuid, uuid, uuid) to authenticated;
