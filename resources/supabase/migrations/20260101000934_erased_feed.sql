-- Privacy, part five: desktops that were away for so long that the feed has forgotten the erasure.
--
-- Their cursor starts anew, which fills their store but empties nothing in it. So whoever begins is
-- told of everybody who was ever erased: asked for, and not found, they are named in `deleted`.

create or replace function private.shared_wanted() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'profiles', (select coalesce(jsonb_agg(id), '[]') from public.profiles),
    'labels', (select coalesce(jsonb_agg(id), '[]') from public.labels),
    'canned_replies', (select coalesce(jsonb_agg(id), '[]') from public.canned_replies),
    'templates', (select coalesce(jsonb_agg(id), '[]') from public.templates),
    'service_state', (select coalesce(jsonb_agg(id), '[]') from public.service_state),
    'contacts', (
      select coalesce(jsonb_agg(distinct e.contact_id), '[]') from public.erasures e
       where e.rows_at is not null),
    'conversations', (
      select coalesce(jsonb_agg(distinct split_part(f.name, '/', 1)), '[]')
        from private.erased_folders f where f.name ~ '^[0-9a-f-]{36}/$'))
$$;
