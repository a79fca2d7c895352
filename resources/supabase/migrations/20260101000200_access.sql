-- Who may do what. Every grant and revoke is explicit: new projects grant nothing by default, older
-- ones grant everything to anon and authenticated, and both must end up the same.
--
-- Agents read through row security and write through functions only. Nobody may do anything
-- without being signed in.

revoke all on
  public.profiles, public.inboxes, public.inbox_members, public.contacts, public.contact_addresses,
  public.conversations, public.messages, public.reads, public.drafts, public.delivery_attempts,
  public.notes, public.events, public.labels, public.conversation_labels, public.canned_replies,
  public.templates, public.auto_replies, public.settings, public.audit_log, public.chat_history
  from public, anon, authenticated;
revoke all on sequence public.audit_log_id_seq from public, anon, authenticated;

grant select on
  public.profiles, public.inboxes, public.inbox_members, public.contacts, public.contact_addresses,
  public.conversations, public.messages, public.reads, public.drafts, public.delivery_attempts,
  public.notes, public.events, public.labels, public.conversation_labels, public.canned_replies,
  public.templates, public.auto_replies, public.settings, public.audit_log, public.chat_history
  to authenticated;

grant select, insert, update, delete on
  public.profiles, public.inboxes, public.inbox_members, public.contacts, public.contact_addresses,
  public.conversations, public.messages, public.reads, public.drafts, public.delivery_attempts,
  public.notes, public.events, public.labels, public.conversation_labels, public.canned_replies,
  public.templates, public.auto_replies, public.settings
  to service_role;
grant select, insert on public.audit_log to service_role;
grant select on public.chat_history to service_role;
grant usage on schema public to authenticated, service_role;

-- The tables that may have been here before us. A policy that was here before, even
-- `using (true)`, stays where it is and cannot widen ours: restrictive policies are and-ed to it.
create policy balas_read on public.profiles for select to authenticated
  using (id = (select auth.uid()) or (select private.is_staff()));
create policy balas_limit_read on public.profiles as restrictive for select to authenticated
  using (id = (select auth.uid()) or (select private.is_staff()));
create policy balas_limit_insert on public.profiles as restrictive for insert
  to authenticated with check (false);
create policy balas_limit_update on public.profiles as restrictive for update
  to authenticated using (false) with check (false);
create policy balas_limit_delete on public.profiles as restrictive for delete
  to authenticated using (false);
create policy balas_limit_anon on public.profiles as restrictive for all to anon
  using (false) with check (false);

create policy balas_read on public.conversations for select to authenticated
  using (inbox_id in (select private.my_inboxes()));
create policy balas_limit_read on public.conversations as restrictive for select
  to authenticated using (inbox_id in (select private.my_inboxes()));
create policy balas_limit_insert on public.conversations as restrictive for insert
  to authenticated with check (false);
create policy balas_limit_update on public.conversations as restrictive for update
  to authenticated using (false) with check (false);
create policy balas_limit_delete on public.conversations as restrictive for delete
  to authenticated using (false);
create policy balas_limit_anon on public.conversations as restrictive for all to anon
  using (false) with check (false);

-- What hangs on a conversation is seen by those who see the conversation: the subqueries below run
-- under the conversation's own row security.
create policy balas_read on public.messages for select to authenticated
  using (exists (select from public.conversations c where c.id = conversation_id));
create policy balas_limit_read on public.messages as restrictive for select to authenticated
  using (exists (select from public.conversations c where c.id = conversation_id));
create policy balas_limit_insert on public.messages as restrictive for insert
  to authenticated with check (false);
create policy balas_limit_update on public.messages as restrictive for update
  to authenticated using (false) with check (false);
create policy balas_limit_delete on public.messages as restrictive for delete
  to authenticated using (false);
create policy balas_limit_anon on public.messages as restrictive for all to anon
  using (false) with check (false);

-- Our own tables.
create policy read_mine on public.inboxes for select to authenticated
  using (id in (select private.my_inboxes()));
create policy read_of_mine on public.inbox_members for select to authenticated
  using (profile_id = (select auth.uid()) or inbox_id in (select private.my_inboxes()));
create policy read_of_mine on public.contacts for select to authenticated
  using (exists (select from public.conversations c where c.contact_id = contacts.id));
create policy read_of_mine on public.contact_addresses for select to authenticated
  using (exists (select from public.conversations c
                  where c.contact_id = contact_addresses.contact_id));
create policy read_own on public.reads for select to authenticated
  using (profile_id = (select auth.uid())
         and exists (select from public.conversations c where c.id = conversation_id));
create policy read_own on public.drafts for select to authenticated
  using (profile_id = (select auth.uid())
         and exists (select from public.conversations c where c.id = conversation_id));
create policy read_of_mine on public.delivery_attempts for select to authenticated
  using (exists (select from public.messages m where m.id = message_id));
create policy read_of_mine on public.notes for select to authenticated
  using (exists (select from public.conversations c where c.id = conversation_id));
create policy read_of_mine on public.events for select to authenticated
  using (exists (select from public.conversations c where c.id = conversation_id));
create policy read_of_mine on public.conversation_labels for select to authenticated
  using (exists (select from public.conversations c where c.id = conversation_id));
create policy read_as_staff on public.labels for select to authenticated
  using ((select private.is_staff()));
create policy read_as_staff on public.canned_replies for select to authenticated
  using ((select private.is_staff()));
create policy read_as_staff on public.templates for select to authenticated
  using ((select private.is_staff()));
create policy read_of_mine on public.auto_replies for select to authenticated
  using (inbox_id in (select private.my_inboxes()));
create policy read_as_admin on public.settings for select to authenticated
  using ((select private.is_admin()));
create policy read_as_admin on public.audit_log for select to authenticated
  using ((select private.is_admin()));

-- A role is given by an administrator or by the service, never taken. This holds also where a
-- trigger of the project copies a new user's own metadata into `profiles`, as many do: such a
-- trigger runs with its owner's rights, but in a session of Auth or under the agent's token.
create function private.guard_role() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  self_made boolean := session_user = 'supabase_auth_admin'
    or (coalesce((select auth.role()), '') in ('anon', 'authenticated')
        and not (select private.is_admin()));
begin
  if not self_made then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new.role := 'agent';
  elsif (new.role, new.active) is distinct from (old.role, old.active) or new.id <> old.id then
    perform private.refuse('not_allowed', 'Only an administrator may change a role.',
      'Ask an administrator.');
  end if;
  return new;
end $$;
-- The name sorts last on purpose: triggers run in order of their names, and this one has the word.
create trigger zz_balas_guard_role before insert or update on public.profiles
  for each row execute function private.guard_role();
revoke all on function private.guard_role() from public, anon, authenticated;
