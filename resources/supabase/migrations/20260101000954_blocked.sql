-- What becomes of what a blocked customer writes: it is stored, at its place in the thread, because
-- it may be needed as evidence and because blocking may be a mistake. But nobody is asked to do
-- anything: the conversation stays resolved or put away as it is, nobody waits, so nothing is routed,
-- reminded of or overdue, and no rule answers. The 24 hours count all the same, for who unblocks.
--
-- Triggers, because a message has more than one way in, and all of them end in the same row.

create function private.is_blocked(contact uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.contacts p where p.id = contact and p.blocked)
$$;

-- The sign of a customer's message is that `last_inbound_at` moves. A conversation that begins with
-- one begins resolved. The name sorts before balas_due_update, which goes by what is left.
create function private.keep_blocked() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.is_blocked(new.contact_id) then
    new.status := case when old.last_message_at is null then 'resolved' else old.status end;
    new.snoozed_until := old.snoozed_until;
    new.waiting_since := old.waiting_since;
  end if;
  return new;
end $$;
create trigger balas_blocked before update on public.conversations
  for each row when (
    new.last_inbound_at is distinct from old.last_inbound_at
    and (new.status <> old.status or new.waiting_since is distinct from old.waiting_since))
  execute function private.keep_blocked();

-- Nor does the thread say that it is open again.
create function private.skip_reopened() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.conversations c
              where c.id = new.conversation_id and private.is_blocked(c.contact_id)) then
    return null;
  end if;
  return new;
end $$;
create trigger balas_blocked before insert on public.events
  for each row when (new.kind = 'reopened' and new.data ->> 'by' = 'customer')
  execute function private.skip_reopened();

-- Who is blocked waits no longer.
create function private.stop_waiting() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- First the rows, then what they say: a message may just be on its way into one of them.
  perform from public.conversations c where c.contact_id = new.id order by c.id for no key update;
  update public.conversations c set waiting_since = null
   where c.contact_id = new.id and c.waiting_since is not null;
  return null;
end $$;
create trigger balas_blocked after update on public.contacts
  for each row when (new.blocked and not old.blocked) execute function private.stop_waiting();

revoke all on function
  private.is_blocked(uuid), private.keep_blocked(), private.skip_reopened(), private.stop_waiting()
  from public, anon, authenticated;
