-- Administration: what the screens for people, inboxes and their rules change and list. Somebody new
-- comes by `balas user add`: a login is made by Auth, not by a table.
--
-- The audit log gets its entries from the triggers on the tables (who has which role, who is in which
-- inbox) and from the functions here for what no trigger watches.

create function private.require_admin(what text) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may change ' || what || '.',
      'Ask an administrator.');
  end if;
end $$;

-- Changes a person: any of display_name, role, active, locale, capacity; what is not named stays.
-- Who is not active sees nothing from now on and gets nothing; their login itself is closed by
-- `balas user disable`. The last administrator stays one. Answers {"profiles"}.
create function public.save_profile(profile_id uuid, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known constant text[] := array['display_name', 'role', 'active', 'locale', 'capacity'];
  stands public.profiles;
  wanted public.profiles;
begin
  perform private.require_admin('people');
  if jsonb_typeof(changes) is distinct from 'object' or changes - known <> '{}' then
    perform private.refuse('bad_request', 'Something else than a person''s profile is named.');
  end if;
  if changes ?| array['role', 'active'] then
    -- Of two who take each other's role away at the same moment the second one has lost the right.
    perform from public.profiles p where p.role = 'admin' and p.active
      order by p.id for no key update;
    perform private.require_admin('people');
  end if;
  select * into stands from public.profiles p where p.id = save_profile.profile_id
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  begin
    wanted := jsonb_populate_record(stands, changes);
  exception when data_exception then
    perform private.refuse('bad_request', 'A value is not of its kind.', 'Change the value.');
  end;
  if changes ? 'display_name' then
    wanted.display_name := btrim(wanted.display_name, E' \t\r\n');
    if jsonb_typeof(changes -> 'display_name') <> 'string'
       or char_length(wanted.display_name) not between 1 and 100 then
      perform private.refuse('bad_name', 'A name has 1 to 100 characters.', 'Write a name.');
    end if;
  end if;
  if coalesce(wanted.role, '') not in ('agent', 'supervisor', 'admin') then
    perform private.refuse('bad_request', 'There is no such role.',
      'Choose agent, supervisor or admin.');
  end if;
  if wanted.active is null or coalesce(wanted.locale, '') !~ '^[a-z]{2,3}([_-][A-Za-z]{2,4})?$'
     or wanted.capacity is null or wanted.capacity not between 0 and 10000 then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end if;
  if stands.role = 'admin' and stands.active and not (wanted.role = 'admin' and wanted.active)
     and not exists (select from public.profiles p
                      where p.role = 'admin' and p.active and p.id <> stands.id) then
    perform private.refuse('last_admin', 'Nobody else is an administrator.',
      'Make somebody else one first.');
  end if;
  if (wanted.display_name, wanted.role, wanted.active, wanted.locale, wanted.capacity)
     is distinct from
     (stands.display_name, stands.role, stands.active, stands.locale, stands.capacity) then
    update public.profiles p
       set display_name = wanted.display_name, role = wanted.role, active = wanted.active,
           available = p.available and wanted.active,
           locale = wanted.locale, capacity = wanted.capacity
     where p.id = stands.id;
    if (wanted.display_name, wanted.locale, wanted.capacity)
       is distinct from (stands.display_name, stands.locale, stands.capacity) then
      perform private.audit('profile_saved', 'profiles', stands.id,
        changes - array['role', 'active']);
    end if;
    select * into stands from public.profiles p where p.id = stands.id;
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(stands)));
end $$;

-- Puts a person into an inbox, or takes them out of it. Their desktop is told: it brings the inbox
-- from its start, or forgets it. Answers {"inbox_members": [{"inbox_id", "profile_id"}]}, or
-- {"deleted": {"inbox_members": ["<inbox>:<person>"]}}. Repeating is harmless.
create function public.set_member(inbox_id uuid, profile_id uuid, present boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_admin('who works in an inbox');
  if set_member.present is null then
    perform private.refuse('bad_request', 'Neither in nor out was said.');
  end if;
  if not exists (select from public.inboxes i
                  where i.id = set_member.inbox_id and not i.hidden) then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if not exists (select from public.profiles p where p.id = set_member.profile_id) then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  if set_member.present then
    insert into public.inbox_members (inbox_id, profile_id)
    values (set_member.inbox_id, set_member.profile_id)
    on conflict on constraint inbox_members_pkey do nothing;
    return jsonb_build_object('inbox_members', jsonb_build_array(jsonb_build_object(
      'inbox_id', set_member.inbox_id, 'profile_id', set_member.profile_id)));
  end if;
  delete from public.inbox_members m
   where m.inbox_id = set_member.inbox_id and m.profile_id = set_member.profile_id;
  return jsonb_build_object('deleted', jsonb_build_object('inbox_members',
    jsonb_build_array(set_member.inbox_id || ':' || set_member.profile_id)));
end $$;

-- Changes an inbox itself: any of name, flagged (false: somebody has looked), messaging_service_sid,
-- messages_per_second, replies_per_half_minute. When it is open and whom it goes to is for
-- set_inbox_rules, what it says by itself for save_auto_reply. Answers {"inboxes"}.
create function public.save_inbox(inbox_id uuid, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known constant text[] := array['name', 'flagged', 'messaging_service_sid',
    'messages_per_second', 'replies_per_half_minute'];
  stands public.inboxes;
  wanted public.inboxes;
begin
  perform private.require_admin('inboxes');
  select * into stands from public.inboxes i where i.id = save_inbox.inbox_id and not i.hidden
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if jsonb_typeof(changes) is distinct from 'object' or changes - known <> '{}' then
    perform private.refuse('bad_request', 'Something else than an inbox''s own values is named.');
  end if;
  begin
    wanted := jsonb_populate_record(stands, changes);
    if changes ? 'name' then
      wanted.name := btrim(wanted.name, E' \t\r\n');
      if jsonb_typeof(changes -> 'name') <> 'string'
         or char_length(wanted.name) not between 1 and 100 then
        perform private.refuse('bad_name', 'A name has 1 to 100 characters.', 'Write a name.');
      end if;
    end if;
    wanted.messaging_service_sid := nullif(btrim(wanted.messaging_service_sid), '');
    if wanted.messaging_service_sid !~ '^MG[0-9a-fA-F]{32}$' then
      perform private.refuse('bad_request', 'This is not the SID of a messaging service.',
        'It begins with MG and has 34 characters.');
    end if;
    if wanted is distinct from stands then
      update public.inboxes i
         set name = wanted.name, flagged = wanted.flagged,
             messaging_service_sid = wanted.messaging_service_sid,
             messages_per_second = wanted.messages_per_second,
             replies_per_half_minute = wanted.replies_per_half_minute
       where i.id = stands.id;
      perform private.audit('inbox_saved', 'inboxes', stands.id, changes);
    end if;
  exception when data_exception or integrity_constraint_violation then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end;
  select * into stands from public.inboxes i where i.id = stands.id;
  return jsonb_build_object('inboxes', jsonb_build_array(to_jsonb(stands)));
end $$;

-- What the screens of the administration show, in one answer: {"role": the caller's own, "inboxes",
-- with hours, rules and due times, "inbox_members": [{"inbox_id", "profile_id"}], "profiles": [{"id",
-- "display_name", "role", "active", "available", "absent_since", "capacity", "locale", "open": how
-- many open conversations they have}], "auto_replies", "retention": as retention(), for
-- administrators only, else null}. In the order in which people read them.
--
-- An adopted `profiles` may hold customers: of those in no inbox and without a role the newest 500
-- are named, because one of them may be who was just added.
create function public.administration() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may look at this.', 'Ask a supervisor.');
  end if;
  return jsonb_build_object(
    'role', (select p.role from public.profiles p where p.id = auth.uid()),
    'inboxes', (
      select coalesce(jsonb_agg(to_jsonb(i) order by lower(i.name), i.id), '[]')
        from public.inboxes i where not i.hidden),
    'inbox_members', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'inbox_id', m.inbox_id, 'profile_id', m.profile_id)
               order by m.inbox_id, m.created_at, m.profile_id), '[]')
        from public.inbox_members m join public.inboxes i on i.id = m.inbox_id and not i.hidden),
    'profiles', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', p.id, 'display_name', p.display_name, 'role', p.role, 'active', p.active,
               'available', p.available, 'absent_since', p.absent_since, 'capacity', p.capacity,
               'locale', p.locale, 'open', (
                 select count(*) from public.conversations c
                  where c.assignee_id = p.id and c.status = 'open'))
               order by not p.active, lower(p.display_name) nulls last, p.id), '[]')
        from (
          select s.* from public.profiles s
           where s.role <> 'agent'
              or exists (select from public.inbox_members m where m.profile_id = s.id)
          union all
          (select o.* from public.profiles o
            where o.role = 'agent'
              and not exists (select from public.inbox_members m where m.profile_id = o.id)
            order by o.created_at desc limit 500)) p),
    'auto_replies', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.inbox_id, r.kind, r.created_at, r.id), '[]')
        from public.auto_replies r),
    'retention', case when private.is_admin() then private.retention() end);
end $$;

revoke all on function
  private.require_admin(text), public.save_profile(uuid, jsonb),
  public.set_member(uuid, uuid, boolean), public.save_inbox(uuid, jsonb), public.administration()
  from public, anon, authenticated;
grant execute on function
  public.save_profile(uuid, jsonb), public.set_member(uuid, uuid, boolean),
  public.save_inbox(uuid, jsonb), public.administration()
  to authenticated;
