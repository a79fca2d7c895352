-- How urgent a conversation is, taking it from somebody, and who is there to answer.

-- low, normal, high, urgent; null says nothing about it.
create function public.set_priority(conversation_id uuid, priority text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations :=
    private.lock_my_conversation(set_priority.conversation_id);
begin
  if set_priority.priority not in ('low', 'normal', 'high', 'urgent') then
    perform private.refuse('bad_priority', 'There is no such priority.',
      'Choose low, normal, high or urgent.');
  end if;
  if thread.priority is not distinct from set_priority.priority then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c set priority = set_priority.priority where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'priority_changed',
    jsonb_build_object('priority', set_priority.priority, 'was', thread.priority)));
end $$;

-- Gives the conversation back to the queue; as assign() to nobody.
create function public.unassign(conversation_id uuid) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select public.assign(unassign.conversation_id, null)
$$;

-- Whether somebody is there to answer; routing gives nothing to who is not. Everybody says it of
-- themselves, supervisors also of others: people go home without saying so. Answers {"profiles"}.
create function public.set_available(available boolean, profile_id uuid default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  whose constant uuid := coalesce(set_available.profile_id, auth.uid());
  person public.profiles;
begin
  if not private.is_staff() then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if set_available.available is null then
    perform private.refuse('bad_request', 'Neither there nor away was said.');
  end if;
  if whose <> auth.uid() then
    perform private.require_supervisor('who is there');
  end if;
  select * into person from public.profiles p where p.id = whose for no key update;
  if person.id is null or not person.active then
    perform private.refuse('not_found', 'There is no such person, or they do not work here.');
  end if;
  if person.available <> set_available.available then
    update public.profiles p set available = set_available.available where p.id = whose
    returning * into person;
    if whose <> auth.uid() then
      perform private.audit('availability_changed', 'profiles', whose,
        jsonb_build_object('available', person.available));
    end if;
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(person)));
end $$;

revoke all on function
  public.set_priority(uuid, text), public.unassign(uuid), public.set_available(boolean, uuid)
  from public, anon, authenticated;
grant execute on function
  public.set_priority(uuid, text), public.unassign(uuid), public.set_available(boolean, uuid)
  to authenticated;
