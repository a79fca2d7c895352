-- Two people who change the same thing at once: the second one is told, and sees what the first one
-- wrote, before anything is written over.

-- Which of the fields that were seen are otherwise now. What is already as it is wanted is no
-- conflict, so that a call may be repeated; nothing and an empty text are the same.
create function private.otherwise_now(stands jsonb, seen jsonb, wanted jsonb) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(s.key order by s.key), '{}')
    from jsonb_each_text(seen) s
   where nullif(stands ->> s.key, '') is distinct from nullif(s.value, '')
     and nullif(stands ->> s.key, '') is distinct from nullif(wanted ->> s.key, '')
$$;

-- Does one of the acts that change what a form shows, with the arguments of the function of that
-- name, if each field in `seen` still has the value given there. Else it changes nothing and answers
-- {"conflict": [fields], and the row as it is now under the name that the act's own answer has}; no
-- row where somebody took it away meanwhile. The act's own rules and refusals come first and last.
--
-- One function beside the acts instead of an argument of each: whoever does not ask, as a script that
-- knows what it wants, goes on as before.
create function public.save_unless_changed(act text, arguments jsonb, seen jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  wanted jsonb := arguments;
  stands jsonb;
  answer jsonb;
  otherwise text[];
  ident uuid;
begin
  if jsonb_typeof(arguments) is distinct from 'object' or jsonb_typeof(seen) is distinct from 'object'
  then
    perform private.refuse('bad_request', 'The arguments or what was seen are no objects.');
  end if;
  -- The row is locked, in the order in which the act itself locks: what it does is then about
  -- exactly what was compared.
  case act
  when 'edit_contact' then
    wanted := coalesce(arguments -> 'changes', '{}');
    if wanted ?| array['add_addresses', 'remove_addresses'] then
      perform private.refuse('bad_request', 'Addresses come and go one by one, without a look.');
    end if;
    ident := (private.lock_my_contact((arguments ->> 'contact_id')::uuid)).id;
    stands := private.contact_rows(array[ident]) -> 0;
    answer := jsonb_build_object('contacts', jsonb_build_array(stands));
  when 'save_canned_reply' then
    perform private.require_supervisor('canned replies');
    perform pg_advisory_xact_lock(hashtextextended('balas:canned_replies', 0));
    select to_jsonb(r) into stands from public.canned_replies r
     where r.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('canned_replies', jsonb_build_array(stands));
  when 'save_label' then
    perform private.require_supervisor('labels');
    perform pg_advisory_xact_lock(hashtextextended('balas:labels', 0));
    select to_jsonb(l) into stands from public.labels l
     where l.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('labels', jsonb_build_array(stands));
  when 'save_auto_reply' then
    perform private.require_supervisor('automatic replies');
    select to_jsonb(r) into stands from public.auto_replies r
     where r.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('auto_replies', jsonb_build_array(stands));
  when 'save_inbox', 'set_inbox_rules' then
    if act = 'save_inbox' then
      perform private.require_admin('inboxes');
    else
      perform private.require_supervisor('the rules of an inbox');
    end if;
    wanted := coalesce(arguments -> 'changes', arguments -> 'rules', '{}');
    select to_jsonb(i) into stands from public.inboxes i
     where i.id = (arguments ->> 'inbox_id')::uuid for no key update;
    answer := jsonb_build_object('inboxes', jsonb_build_array(stands));
    if jsonb_typeof(stands -> 'hours') = 'object' then  -- with what their reader takes for granted
      stands := stands || jsonb_build_object('hours',
        '{"zone": "UTC", "week": {}, "holidays": []}'::jsonb || (stands -> 'hours'));
    end if;
  when 'save_profile' then
    perform private.require_admin('people');
    wanted := coalesce(arguments -> 'changes', '{}');
    if wanted ?| array['role', 'active'] then
      perform from public.profiles p where p.role = 'admin' and p.active
        order by p.id for no key update;
    end if;
    select to_jsonb(p) into stands from public.profiles p
     where p.id = (arguments ->> 'profile_id')::uuid for no key update;
    answer := jsonb_build_object('profiles', jsonb_build_array(stands));
  when 'save_retention' then
    perform private.require_admin('what is kept');
    perform pg_advisory_xact_lock(hashtextextended('balas:retention', 0));
    stands := private.retention();
    answer := stands;
  else
    perform private.refuse('bad_request', 'There is no such act.');
  end case;
  if stands is null then
    return jsonb_build_object('conflict', '[]'::jsonb);
  end if;
  otherwise := private.otherwise_now(stands, seen - 'attributes', wanted);
  if seen ? 'attributes' and private.otherwise_now(
       stands -> 'attributes', seen -> 'attributes', wanted -> 'attributes') <> '{}' then
    otherwise := otherwise || 'attributes'::text;
  end if;
  if otherwise <> '{}' then
    return answer || jsonb_build_object('conflict', to_jsonb(otherwise));
  end if;
  case act
  when 'edit_contact' then
    return public.edit_contact(ident, wanted);
  when 'save_canned_reply' then
    return public.save_canned_reply((arguments ->> 'id')::uuid, arguments ->> 'shortcut',
      arguments ->> 'body', arguments -> 'attachments');
  when 'save_label' then
    return public.save_label((arguments ->> 'id')::uuid, arguments ->> 'name',
      arguments ->> 'color');
  when 'save_auto_reply' then
    return public.save_auto_reply((arguments ->> 'id')::uuid, (arguments ->> 'inbox_id')::uuid,
      arguments ->> 'kind', arguments ->> 'body', arguments ->> 'keyword',
      (arguments ->> 'enabled')::boolean);
  when 'save_inbox' then
    return public.save_inbox((arguments ->> 'inbox_id')::uuid, wanted);
  when 'set_inbox_rules' then
    return public.set_inbox_rules((arguments ->> 'inbox_id')::uuid, wanted);
  when 'save_profile' then
    return public.save_profile((arguments ->> 'profile_id')::uuid, wanted);
  else
    return public.save_retention((arguments ->> 'messages')::integer,
      (arguments ->> 'media')::integer, (arguments ->> 'requests')::integer,
      (arguments ->> 'audit')::integer);
  end case;
end $$;

revoke all on function
  private.otherwise_now(jsonb, jsonb, jsonb), public.save_unless_changed(text, jsonb, jsonb)
  from public, anon, authenticated;
grant execute on function public.save_unless_changed(text, jsonb, jsonb) to authenticated;
