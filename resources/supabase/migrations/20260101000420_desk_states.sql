-- What agents do, part three: whose a conversation is, and whether it is open, put away or done.
--
-- Each function locks the conversation, looks whether there is anything to do, changes it and says
-- so in `events`. What is as asked already stays as it is and makes no event: a desktop repeats a
-- call whose answer was lost, and two agents may press the same key. When two ask for different
-- things, the later one has the word, and the events tell both.
--
-- All answer with rows by the names that pull_changes uses: {"conversations": […], "events": […]}.

create function private.is_supervisor() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active and p.role in ('supervisor', 'admin'))
$$;

-- Whether another person sees this inbox: my_inboxes() asked about them.
create function private.may_see(person uuid, inbox uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.profiles p
     where p.id = person and p.active
       and (p.role in ('supervisor', 'admin')
            or exists (select from public.inbox_members m
                        where m.inbox_id = inbox and m.profile_id = p.id)))
$$;

-- What somebody is called, for events: these must be readable when the person is long gone.
create function private.name_of(person uuid) returns text
language sql stable security definer set search_path = '' as $$
  select p.display_name from public.profiles p where p.id = person
$$;

-- A first pull leaves out what was resolved more than 30 days ago (fill_step). When somebody takes
-- such a thread up again, those who never had it need its past as well, as with a thread that comes
-- from another inbox. `thread` is the row before the change.
create function private.take_up_again(thread public.conversations) returns void
language sql volatile security definer set search_path = '' as $$
  insert into private.changes (kind, id, inbox_id, conversation_id, op)
  select 'conversations', thread.id::text, thread.inbox_id, thread.id, 'arrive'
   where thread.status = 'resolved'
     and coalesce(thread.last_message_at, thread.created_at) <= now() - interval '30 days'
$$;

-- Writes what the caller did to a conversation (the row before the change); the event's id.
create function private.tell(thread public.conversations, kind text, data jsonb) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  told uuid;
begin
  perform private.take_up_again(thread);
  insert into public.events (conversation_id, kind, actor_id, data, created_at)
  -- the clock, not the transaction's start: of two who waited for each other the order shows
  values (thread.id, tell.kind, auth.uid(), jsonb_strip_nulls(tell.data), clock_timestamp())
  returning id into told;
  return told;
end $$;

-- Volatile, because it must see what its caller wrote, also within the same expression.
create function private.changed_thread(conversation uuid, event uuid default null) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object(
    'conversations', (select coalesce(jsonb_agg(to_jsonb(c)), '[]')
                        from public.conversations c where c.id = conversation),
    'events', (select coalesce(jsonb_agg(to_jsonb(e)), '[]')
                 from public.events e where e.id = event))
$$;

-- Gives the conversation to somebody, or with null to nobody. Anyone who sees it may; the new one
-- must see it too, otherwise it would lie where nobody looks.
create function public.assign(conversation_id uuid, assignee_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations := private.lock_my_conversation(assign.conversation_id);
  name text;
begin
  if thread.assignee_id is not distinct from assign.assignee_id then
    return private.changed_thread(thread.id);
  end if;
  if assign.assignee_id is not null and not private.may_see(assign.assignee_id, thread.inbox_id)
  then
    name := private.name_of(assign.assignee_id);
    perform private.refuse('cannot_see',
      coalesce(nullif(name, ''), 'This person') || ' cannot see this inbox.',
      'Choose someone who works in it, or ask an administrator to add them.');
  end if;
  update public.conversations c set assignee_id = assign.assignee_id where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread,
    case when assign.assignee_id is null then 'unassigned' else 'assigned' end,
    jsonb_build_object(
      'assignee_id', assign.assignee_id, 'assignee_name', private.name_of(assign.assignee_id),
      'from_id', thread.assignee_id, 'from_name', private.name_of(thread.assignee_id))));
end $$;

-- Puts the conversation away until a moment, or until the customer writes, whatever comes first.
-- The customer still waits: waiting_since stays, and counts again when it is back.
create function public.snooze(conversation_id uuid, until timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations := private.lock_my_conversation(snooze.conversation_id);
begin
  -- Before the time is judged: the repeat of a call may come after the moment it names.
  if thread.status = 'snoozed' and thread.snoozed_until = snooze.until then
    return private.changed_thread(thread.id);
  end if;
  if snooze.until is null or snooze.until <= now() then
    perform private.refuse('bad_time', 'This time has passed already.', 'Choose a later one.');
  end if;
  if snooze.until > now() + interval '1 year' then
    perform private.refuse('bad_time', 'This is more than a year away.', 'Choose an earlier one.');
  end if;
  update public.conversations c set status = 'snoozed', snoozed_until = snooze.until
   where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'snoozed',
    jsonb_build_object('until', snooze.until, 'was', thread.status)));
end $$;

-- The conversation is done. Whoever resolves it without an answer says that none is needed, so
-- nobody waits any more.
create function public.resolve(conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations := private.lock_my_conversation(resolve.conversation_id);
begin
  if thread.status = 'resolved' then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c
     set status = 'resolved', snoozed_until = null, waiting_since = null
   where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'resolved',
    jsonb_build_object('was', thread.status)));
end $$;

-- Brings a snoozed or resolved conversation back. `by` in the event: agent here, customer when
-- they wrote (ingest), time when a snooze ran out.
create function public.reopen(conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations := private.lock_my_conversation(reopen.conversation_id);
begin
  if thread.status = 'open' then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c set status = 'open', snoozed_until = null where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'reopened',
    jsonb_build_object('by', 'agent', 'was', thread.status)));
end $$;

-- Opens what was put away until now; the worker calls this every second. Returns how many.
-- Skip locked: whoever holds the row is changing it, the next second looks again.
create function private.wake_snoozed() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  woken integer;
begin
  with due as (
    select c.id from public.conversations c
     where c.status = 'snoozed' and c.snoozed_until <= now()
     order by c.snoozed_until limit 500
       for update skip locked),
  opened as (
    update public.conversations c set status = 'open', snoozed_until = null
      from due where c.id = due.id
    returning c.id)
  insert into public.events (conversation_id, kind, data)
  select opened.id, 'reopened', '{"by": "time", "was": "snoozed"}' from opened;
  get diagnostics woken = row_count;
  return woken;
end $$;

revoke all on function
  private.is_supervisor(), private.may_see(uuid, uuid), private.name_of(uuid),
  private.take_up_again(public.conversations), private.tell(public.conversations, text, jsonb),
  private.changed_thread(uuid, uuid), private.wake_snoozed(),
  public.assign(uuid, uuid), public.snooze(uuid, timestamptz), public.resolve(uuid),
  public.reopen(uuid)
  from public, anon, authenticated;
grant execute on function
  public.assign(uuid, uuid), public.snooze(uuid, timestamptz), public.resolve(uuid),
  public.reopen(uuid)
  to authenticated;
