-- Files of a thread that was joined to another are seen by those who see that one: objects cannot
-- be moved from here, they keep the path under which they were stored.
set lock_timeout = '5s';

create function private.may_see_files(folder text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  thread public.conversations;
  next_id uuid;
begin
  if folder !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    return false;
  end if;
  next_id := folder;
  loop
    select * into thread from public.conversations c where c.id = next_id;
    exit when thread.joined_to is null;
    next_id := thread.joined_to;
  end loop;
  return coalesce(thread.inbox_id in (select private.my_inboxes()), false);
end $$;
revoke all on function private.may_see_files(text) from public, anon, authenticated;
grant execute on function private.may_see_files(text) to authenticated, service_role;

alter policy balas_read on storage.objects
  using (bucket_id in ('media', 'attachments')
         and private.may_see_files((storage.foldername(objects.name))[1]));
alter policy balas_limit_read on storage.objects
  using (bucket_id not in ('media', 'attachments')
    or private.may_see_files((storage.foldername(objects.name))[1])
    or (bucket_id = 'attachments' and (storage.foldername(objects.name))[1] = 'canned'
        and (select private.is_staff())));

reset lock_timeout;
