-- Undoing a merge: each gets back what was theirs, and what came since by their own numbers.

-- What a thread is after the messages were taken apart: as it was before the merge, and what came
-- since. `was` is the row before the merge.
create function private.part_thread(thread uuid, was jsonb, since timestamptz, resolved boolean)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  answered timestamptz;
  heard timestamptz;
  waits timestamptz;
begin
  select max(m."timestamp") filter (where m.direction = 'outbound' and not m.automatic
                                      and m.status is distinct from 'scheduled'),
         max(m."timestamp") filter (where m.direction = 'inbound')
    into answered, heard
    from public.messages m
   where m.conversation_id = thread and greatest(m.created_at, m."timestamp") > since;
  if answered is null then
    waits := was ->> 'waiting_since';
  end if;
  if waits is null then
    select min(m."timestamp") into waits from public.messages m
     where m.conversation_id = thread and m.direction = 'inbound'
       and greatest(m.created_at, m."timestamp") > since
       and m."timestamp" > coalesce(answered, '-infinity');
  end if;
  update public.conversations c
     set last_message_at = coalesce(
           (select max(m."timestamp") from public.messages m
             where m.conversation_id = thread and m.status is distinct from 'scheduled'),
           (was ->> 'last_message_at')::timestamptz),
         last_inbound_at = greatest((was ->> 'last_inbound_at')::timestamptz, heard),
         waiting_since = case when not resolved then waits end
   where c.id = thread;
end $$;

create function private.part_threads(
  joined private.joined_threads, merge private.contact_merges, numbers text[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  thread public.conversations;
  was constant jsonb := joined.was_joined;
  home constant uuid := joined.was_joined ->> 'inbox_id';
  resolved boolean;
begin
  select * into thread from public.conversations c where c.id = joined.thread_id;
  resolved := thread.status = 'resolved';
  -- First home, so that whatever moves into it is seen there.
  update public.conversations c
     set inbox_id = home, joined_to = null,
         adopted = (was ->> 'adopted')::boolean,
         status = case when resolved then 'resolved' else was ->> 'status' end,
         snoozed_until = case when not resolved then (was ->> 'snoozed_until')::timestamptz end,
         priority = was ->> 'priority',
         assignee_id = case when private.may_see((was ->> 'assignee_id')::uuid, home)
                            then (was ->> 'assignee_id')::uuid end
   where c.id = joined.joined_id;
  update public.messages m set conversation_id = joined.joined_id
   where m.conversation_id = joined.thread_id
     and (m.id = any (joined.messages)
          or greatest(m.created_at, m."timestamp") > merge.merged_at
             and (m.direction = 'inbound' and m.from_number = any (numbers)
                  or m.direction = 'outbound' and m.to_number = any (numbers)));
  update public.notes n set conversation_id = joined.joined_id
   where n.conversation_id = joined.thread_id and n.id = any (joined.notes);
  update public.events e set conversation_id = joined.joined_id
   where e.conversation_id = joined.thread_id and e.id = any (joined.events);
  delete from public.conversation_labels l
   where l.conversation_id = joined.thread_id and l.label_id = any (joined.labels);
  -- A draft that is still as it was copied goes; one that was changed stays with whoever wrote it.
  delete from public.drafts d using public.drafts x
   where d.conversation_id = joined.thread_id and x.conversation_id = joined.joined_id
     and d.profile_id = x.profile_id and d.body = x.body and d.note = x.note
     and d.attachments = '[]';
  -- Whoever has read on since has read both.
  update public.reads r set read_at = x.read_at, message_id = null
    from public.reads x
   where r.conversation_id = joined.joined_id and x.conversation_id = joined.thread_id
     and x.profile_id = r.profile_id and x.read_at > r.read_at;
  perform private.part_thread(joined.joined_id, was, merge.merged_at, resolved);
  perform private.part_thread(joined.thread_id, joined.was_thread, merge.merged_at, resolved);
  -- What the merge gave the other one, if nobody has changed it since.
  update public.conversations c
     set assignee_id = case
           when c.assignee_id = (joined.became ->> 'assignee_id')::uuid
             then (joined.was_thread ->> 'assignee_id')::uuid else c.assignee_id end,
         priority = case
           when c.priority = joined.became ->> 'priority'
             then joined.was_thread ->> 'priority' else c.priority end,
         status = case
           when c.status = joined.became ->> 'status' then joined.was_thread ->> 'status'
           else c.status end,
         snoozed_until = case
           when c.status = joined.became ->> 'status'
             then (joined.was_thread ->> 'snoozed_until')::timestamptz
           else c.snoozed_until end
   where c.id = joined.thread_id
     -- somebody waits in it by now: then it is open
     and not (c.waiting_since is not null and joined.was_thread ->> 'status' <> 'open'
              and joined.was_thread ->> 'waiting_since' is null);
end $$;

-- Whatever was written since by or to a number of `other` and lies in a thread that is not theirs
-- goes into theirs; one is made where they have none in that inbox.
create function private.part_numbers(owner uuid, other uuid, since timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  numbers constant text[] := array(
    select a.address from public.contact_addresses a where a.contact_id = other);
  one record;
  target uuid;
begin
  for one in
    select c.id, c.inbox_id, array_agg(m.id) as messages
      from public.conversations c
      join public.messages m on m.conversation_id = c.id
     where c.contact_id = owner and c.joined_to is null and not c.adopted
       and greatest(m.created_at, m."timestamp") > since
       and case m.direction when 'inbound' then m.from_number else m.to_number end = any (numbers)
     group by c.id order by c.id
  loop
    target := private.conversation_for(one.inbox_id, other);
    update public.messages m set conversation_id = target where m.id = any (one.messages);
    -- from the messages alone: the times of the thread are those of both
    update public.conversations c
       set last_message_at = s.latest, last_inbound_at = s.heard,
           waiting_since = case when c.status <> 'resolved' then s.waits end
      from unnest(array[one.id, target]) t (id)
     cross join lateral (
       select max(m."timestamp") filter (where m.status is distinct from 'scheduled') as latest,
              max(m."timestamp") filter (where m.direction = 'inbound') as heard,
              min(m."timestamp") filter (where m.direction = 'inbound' and m."timestamp" > coalesce((
                select max(r."timestamp") from public.messages r
                 where r.conversation_id = t.id and r.direction = 'outbound' and not r.automatic
                   and r.status is distinct from 'scheduled'), '-infinity')) as waits
         from public.messages m where m.conversation_id = t.id) s
     where c.id = t.id;
  end loop;
end $$;

-- The contact that stayed, as it was before, but for what somebody changed since.
create function private.part_contact(stays public.contacts, merge private.contact_merges)
returns public.contacts
language plpgsql immutable set search_path = '' as $$
declare
  now_is constant jsonb := to_jsonb(stays);
  back jsonb;
begin
  select coalesce(jsonb_object_agg(f.key, merge.before -> f.key), '{}') into back
    from jsonb_each(merge.after) f
   where f.key <> 'attributes' and now_is -> f.key = f.value;
  if merge.after ? 'attributes' then
    back := back || jsonb_build_object('attributes', (
      select coalesce(jsonb_object_agg(a.key, a.value), '{}')
        from jsonb_each(stays.attributes) a
       where merge.before -> 'attributes' ? a.key
          or a.value is distinct from merge.after -> 'attributes' -> a.key));
  end if;
  return jsonb_populate_record(stays, back);
end $$;

-- Takes two contacts apart again. What was written by or to a number since the merge goes with the
-- number; notes, labels and edits since stay with the contact that stayed. Merges of one contact are
-- undone in the order opposite to that of their making. Repeating is harmless.
-- Answers {"contacts", "conversations", "events", "deleted"}.
create function public.undo_merge(id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  merge private.contact_merges;
  people uuid[];
  stays public.contacts;
  before public.contacts;
  numbers text[];
  joined private.joined_threads;
  told uuid[];
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:merge:' || undo_merge.id, 0));
  select * into merge from private.contact_merges m where m.id = undo_merge.id;
  if merge.id is null or not private.may_see_contact(merge.into_id) then
    perform private.refuse('not_found', 'There is no such merge, or it is not yours.');
  end if;
  people := array[merge.into_id, merge.from_id];
  if merge.undone_at is not null then
    return private.merged_people(people, '{}');
  end if;
  perform private.lock_people(people);
  select * into stays from public.contacts p where p.id = merge.into_id;
  if stays.merged_into is not null or exists (
    select from private.contact_merges m
     where m.into_id = merge.into_id and m.merged_at > merge.merged_at and m.undone_at is null) then
    perform private.refuse('merged_since', 'This contact was merged once more since.',
      'Undo that merge first.');
  end if;

  update private.contact_merges m set undone_at = clock_timestamp(), undone_by = auth.uid()
   where m.id = merge.id;
  update public.contacts p set merged_into = null where p.id = merge.from_id;
  update public.contact_addresses a set contact_id = merge.from_id
   where a.contact_id = merge.into_id and a.id = any (merge.addresses);
  select coalesce(array_agg(a.address), '{}') into numbers
    from public.contact_addresses a where a.contact_id = merge.from_id;
  for joined in
    select j.* from private.joined_threads j where j.merge_id = merge.id order by j.joined_id
  loop
    perform private.part_threads(joined, merge, numbers);
  end loop;
  update public.conversations c set contact_id = merge.from_id
   where c.contact_id = merge.into_id
     and (c.id = any (merge.moved)
          or c.created_at > merge.merged_at
             and exists (select from public.messages m where m.conversation_id = c.id)
             and not exists (
               select from public.messages m
                where m.conversation_id = c.id
                  and coalesce(case m.direction when 'inbound' then m.from_number
                                 else m.to_number end, '') <> all (numbers)));
  perform private.part_numbers(merge.into_id, merge.from_id, merge.merged_at);
  perform private.part_numbers(merge.from_id, merge.into_id, merge.merged_at);
  before := private.part_contact(stays, merge);
  update public.contacts p
     set name = before.name, phone = before.phone, locale = before.locale, notes = before.notes,
         attributes = before.attributes, blocked = before.blocked
   where p.id = merge.into_id;
  perform private.note_contacts(people);
  told := private.tell_of_contact(merge.into_id, 'merge_undone',
      jsonb_build_object('merge_id', merge.id))
    || private.tell_of_contact(merge.from_id, 'merge_undone',
      jsonb_build_object('merge_id', merge.id));
  perform private.audit('merge_undone', 'contacts', merge.into_id,
    jsonb_build_object('merge_id', merge.id, 'from_id', merge.from_id));
  return private.merged_people(people, told);
end $$;

revoke all on function
  private.part_thread(uuid, jsonb, timestamptz, boolean),
  private.part_threads(private.joined_threads, private.contact_merges, text[]),
  private.part_numbers(uuid, uuid, timestamptz),
  private.part_contact(public.contacts, private.contact_merges), public.undo_merge(uuid)
  from public, anon, authenticated;
grant execute on function public.undo_merge(uuid) to authenticated;
