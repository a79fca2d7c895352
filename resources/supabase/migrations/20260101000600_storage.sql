-- Files: two private buckets, and who may see what lies in them. Service and worker hold the
-- secret key and pass row security.
--
-- Policies on storage.objects take strong locks; better to give up and be run again than to stand
-- in front of every upload. Not `set local`: the Supabase CLI opens no transaction block.
set lock_timeout = '5s';

insert into storage.buckets (id, name, public)
values ('media', 'media', false), ('attachments', 'attachments', false)
on conflict (id) do update set public = false;

-- An object's path is {conversation}/{message}/{index}/{name}; row security of conversations
-- decides. Listing a bucket shows nothing else.
create policy balas_read on storage.objects for select to authenticated
  using (bucket_id in ('media', 'attachments') and exists (
    select from public.conversations c where c.id::text = (storage.foldername(objects.name))[1]));
create policy balas_upload on storage.objects for insert to authenticated
  with check (bucket_id = 'attachments' and exists (
    select from public.conversations c where c.id::text = (storage.foldername(objects.name))[1]));

-- A generous policy that was here before must not open our buckets. Not one policy for anon and
-- authenticated: anon may not even call the function behind conversations' row security, so its
-- reads of other buckets would fail.
create policy balas_limit_anon on storage.objects as restrictive for all to anon
  using (bucket_id not in ('media', 'attachments'))
  with check (bucket_id not in ('media', 'attachments'));
create policy balas_limit_read on storage.objects as restrictive for select to authenticated
  using (bucket_id not in ('media', 'attachments') or exists (
    select from public.conversations c where c.id::text = (storage.foldername(objects.name))[1]));
create policy balas_limit_insert on storage.objects as restrictive for insert to authenticated
  with check (bucket_id not in ('media', 'attachments') or (
    bucket_id = 'attachments' and exists (
      select from public.conversations c
       where c.id::text = (storage.foldername(objects.name))[1])));
create policy balas_limit_update on storage.objects as restrictive for update
  to authenticated
  using (bucket_id not in ('media', 'attachments'))
  with check (bucket_id not in ('media', 'attachments'));
create policy balas_limit_delete on storage.objects as restrictive for delete
  to authenticated using (bucket_id not in ('media', 'attachments'));

reset lock_timeout;
