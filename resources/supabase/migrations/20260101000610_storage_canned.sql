-- Files of canned replies: canned/{reply}/{index}/{name} in the bucket `attachments`. Whoever works
-- here reads them; those who may change canned replies put them there.
--
-- Row security of the conversations knows nothing of this folder, so the policies say it besides.
set lock_timeout = '5s';

-- The storage policies ask this as the agent who calls.
grant execute on function private.is_supervisor() to authenticated, service_role;

create policy balas_read_canned on storage.objects for select to authenticated
  using (bucket_id = 'attachments' and (storage.foldername(objects.name))[1] = 'canned'
         and (select private.is_staff()));
create policy balas_upload_canned on storage.objects for insert to authenticated
  with check (bucket_id = 'attachments' and (storage.foldername(objects.name))[1] = 'canned'
              and (select private.is_supervisor()));

-- The restrictive ones, which hold back a project's own generous policies, get the same exception.
alter policy balas_limit_read on storage.objects
  using (bucket_id not in ('media', 'attachments') or exists (
    select from public.conversations c where c.id::text = (storage.foldername(objects.name))[1])
    or (bucket_id = 'attachments' and (storage.foldername(objects.name))[1] = 'canned'
        and (select private.is_staff())));
alter policy balas_limit_insert on storage.objects
  with check (bucket_id not in ('media', 'attachments') or (
    bucket_id = 'attachments' and (
      exists (select from public.conversations c
               where c.id::text = (storage.foldername(objects.name))[1])
      or ((storage.foldername(objects.name))[1] = 'canned'
          and (select private.is_supervisor())))));

reset lock_timeout;
