-- The doorbell's channels: `inbox:<id>` for those who work in it, `profile:<id>` for that person.
-- Agents listen and never broadcast; the database rings.
set lock_timeout = '5s';

create policy balas_listen on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (
    (select realtime.topic()) = 'profile:' || (select auth.uid())
    or (select realtime.topic()) in (select 'inbox:' || i from private.my_inboxes() i)));
-- Channels with our names stay ours where a generous policy was here before.
create policy balas_limit_anon on realtime.messages as restrictive for all to anon
  using (coalesce((select realtime.topic()), '') !~ '^(inbox|profile):')
  with check (coalesce((select realtime.topic()), '') !~ '^(inbox|profile):');
create policy balas_limit_listen on realtime.messages as restrictive for select to authenticated
  using (coalesce((select realtime.topic()), '') !~ '^(inbox|profile):'
    or (extension = 'broadcast' and (
      (select realtime.topic()) = 'profile:' || (select auth.uid())
      or (select realtime.topic()) in (select 'inbox:' || i from private.my_inboxes() i))));
create policy balas_limit_speak on realtime.messages as restrictive for insert to authenticated
  with check (coalesce((select realtime.topic()), '') !~ '^(inbox|profile):');

reset lock_timeout;
