-- Taking a conversation for oneself. Two who press the key at once, or one whose line was down, must
-- not both believe that it is theirs: it is taken from whom the caller saw there, or from nobody.

-- Gives the conversation to the caller, unless somebody else has got it since: not the one whom the
-- caller saw it with (`seen`, null for nobody). Then nothing changes, and the answer says so as that
-- of save_unless_changed does: {"conflict": ["assignee_id"], "conversations": [the row as it is]}.
-- Whoever wants it all the same says so with assign().
create function public.take(conversation_id uuid, seen uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations := private.lock_my_conversation(take.conversation_id);
begin
  if thread.assignee_id is null or thread.assignee_id = auth.uid()
     or thread.assignee_id = take.seen
  then
    return public.assign(thread.id, auth.uid());
  end if;
  return private.changed_thread(thread.id) || '{"conflict": ["assignee_id"]}';
end $$;

revoke all on function public.take(uuid, uuid) from public, anon, authenticated;
grant execute on function public.take(uuid, uuid) to authenticated;
