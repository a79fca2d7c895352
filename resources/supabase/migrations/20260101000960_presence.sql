-- Where colleagues see each other: the private channel `desk:<inbox id>`, for those who work in the
-- inbox. Unlike on the doorbell's channels they speak there themselves: presence, and who is writing.
-- A public channel would be open to whoever has ever learned the inbox's id and the publishable key.
set lock_timeout = '5s';

create policy balas_meet on realtime.messages for select to authenticated
  using (extension in ('broadcast', 'presence')
    and (select realtime.topic()) in (select 'desk:' || i from private.my_inboxes() i));
create policy balas_speak_at_the_desk on realtime.messages for insert to authenticated
  with check (extension in ('broadcast', 'presence')
    and (select realtime.topic()) in (select 'desk:' || i from private.my_inboxes() i));

-- The restrictive ones, which hold back a project's own generous policies, know the name as well.
alter policy balas_limit_anon on realtime.messages
  using (coalesce((select realtime.topic()), '') !~ '^(inbox|profile|desk):')
  with check (coalesce((select realtime.topic()), '') !~ '^(inbox|profile|desk):');
alter policy balas_limit_listen on realtime.messages
  using (coalesce((select realtime.topic()), '') !~ '^(inbox|profile|desk):'
    or (extension = 'broadcast' and (
      (select realtime.topic()) = 'profile:' || (select auth.uid())
      or (select realtime.topic()) in (select 'inbox:' || i from private.my_inboxes() i)))
    or (extension in ('broadcast', 'presence')
      and (select realtime.topic()) in (select 'desk:' || i from private.my_inboxes() i)));
alter policy balas_limit_speak on realtime.messages
  with check (coalesce((select realtime.topic()), '') !~ '^(inbox|profile|desk):'
    or (extension in ('broadcast', 'presence')
      and (select realtime.topic()) in (select 'desk:' || i from private.my_inboxes() i)));

reset lock_timeout;
