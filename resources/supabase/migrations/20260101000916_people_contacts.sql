-- What agents know of a customer: name, numbers, language, attributes, notes; and whether we talk
-- to them at all. Whoever sees a contact may change it.

-- Writes what was done to a contact into its threads. Not into those that a first pull leaves out
-- (take_up_again): an edited name takes no old thread up again.
create function private.tell_of_contact(contact uuid, kind text, data jsonb) returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  told uuid[];
begin
  with written as (
    insert into public.events (conversation_id, kind, actor_id, data, created_at)
    select c.id, tell_of_contact.kind, auth.uid(), jsonb_strip_nulls(tell_of_contact.data),
           clock_timestamp()
      from public.conversations c
     where c.contact_id = contact
       and (c.status <> 'resolved'
            or coalesce(c.last_message_at, c.created_at) > now() - interval '30 days')
    returning id)
  select array_agg(w.id) into told from written w;
  return coalesce(told, '{}');
end $$;

-- {"contacts", "events"} as the caller sees them.
create function private.changed_contacts(contacts uuid[], told uuid[]) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object(
    'contacts', private.contact_rows(contacts),
    'events', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at, e.id), '[]')
        from public.events e join public.conversations c on c.id = e.conversation_id
       where e.id = any (told) and c.inbox_id in (select private.my_inboxes())))
$$;

-- The caller's contact, locked, or whatever it was merged into; or "not found".
create function private.lock_my_contact(contact uuid) returns public.contacts
language plpgsql security definer set search_path = '' as $$
declare
  here constant uuid := private.lock_contact(contact);
  person public.contacts;
begin
  -- a statement of its own, so that it sees what those did for whom we waited
  select * into person from public.contacts p where p.id = here;
  if person.id is null or not private.may_see_contact(person.id) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  return person;
end $$;

-- The attributes after a change: null takes one away, everything else is put.
create function private.changed_attributes(before jsonb, change jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  after jsonb;
begin
  if jsonb_typeof(change) <> 'object' then
    perform private.refuse('bad_request', 'The attributes are not a list of names and values.');
  end if;
  if exists (
    select from jsonb_each(change) a
     where a.key !~ '^[^[:cntrl:]{}]{1,60}$' or a.key <> btrim(a.key)
        or jsonb_typeof(a.value) in ('object', 'array')
        or char_length(a.value #>> '{}') > 1000) then
    perform private.refuse('bad_attribute',
      'An attribute is a name of at most 60 characters and a value of at most 1,000.',
      'Shorten it.');
  end if;
  select coalesce(jsonb_object_agg(a.key, a.value), '{}') into after
    from jsonb_each(before || change) a where jsonb_typeof(a.value) <> 'null';
  if (select count(*) from jsonb_object_keys(after)) > 50 then
    perform private.refuse('bad_attribute', 'A contact has at most 50 attributes.', 'Remove some.');
  end if;
  return after;
end $$;

-- The addresses of this contact after a change. The caller holds their locks and the contact's.
-- One that opted out stays: put back later, it would have forgotten that. Returns whether anything
-- changed.
create function private.change_addresses(contact uuid, added text[], removed text[])
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  taken text;
  changed boolean;
begin
  select x into taken from unnest(added) x
   where exists (select from public.inboxes i where i.address = x)
   limit 1;
  if taken is not null then
    perform private.refuse('bad_address', 'This is our own number.', 'Write another one.');
  end if;
  select x into taken from unnest(added) x
    join public.contact_addresses a on a.address = x and a.contact_id <> contact limit 1;
  if taken is not null then
    perform private.refuse('taken', 'This number belongs to another contact.', 'Merge the two.');
  end if;
  if exists (select from public.contact_addresses a
              where a.contact_id = contact and a.address = any (removed)
                and a.opted_out_at is not null) then
    perform private.refuse('opted_out', 'The customer opted out with this number.',
      'It stays, so that nobody writes to it.');
  end if;
  delete from public.contact_addresses a
   where a.contact_id = contact and a.address = any (removed) and a.address <> all (added);
  changed := found;
  insert into public.contact_addresses (contact_id, address, channel)
  select contact, x, case when x like 'whatsapp:%' then 'whatsapp' else 'sms' end
    from unnest(added) x
  on conflict (address) do nothing;
  changed := changed or found;
  if (select count(*) from public.contact_addresses a where a.contact_id = contact) > 20 then
    perform private.refuse('bad_address', 'A contact has at most 20 numbers.', 'Remove some.');
  end if;
  return changed;
end $$;

-- [{"channel", "address"}, …] as addresses, each once.
create function private.addresses_of(listed jsonb) returns text[]
language plpgsql immutable set search_path = '' as $$
declare
  found text[];
begin
  if listed is null then
    return '{}';
  end if;
  if jsonb_typeof(listed) <> 'array' then
    perform private.refuse('bad_address', 'The numbers are not a list.');
  end if;
  select array_agg(distinct coalesce(
      private.address_of(x ->> 'address', x ->> 'channel'), ''))
    into found from jsonb_array_elements(listed) x;
  if '' = any (found) or exists (
    select from jsonb_array_elements(listed) x
     where coalesce(x ->> 'channel', '') not in ('whatsapp', 'sms')) then
    perform private.refuse('bad_address', 'This is no number that can be written to.',
      'Write it with its country code, for example +62 812 3456 7890.');
  end if;
  return coalesce(found, '{}');
end $$;

-- Changes what `changes` names and nothing else, so that two people who edit different fields both
-- get their way: "name", "phone", "locale", "notes" (null clears), "attributes" (each by itself, null
-- takes it away), "add_addresses" [{"channel", "address"}], "remove_addresses" (the same).
-- What is as asked already makes no event. Answers {"contacts", "events"}.
create function public.edit_contact(contact_id uuid, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known constant text[] := array['name', 'phone', 'locale', 'notes', 'attributes',
    'add_addresses', 'remove_addresses'];
  added text[];
  removed text[];
  before public.contacts;
  after public.contacts;
  fields text[];
  told uuid[] := '{}';
begin
  if coalesce(jsonb_typeof(changes), 'null') <> 'object'
     or exists (select from jsonb_object_keys(changes) k where k <> all (known)) then
    perform private.refuse('bad_request', 'This is nothing that a contact has.');
  end if;
  added := private.addresses_of(changes -> 'add_addresses');
  removed := private.addresses_of(changes -> 'remove_addresses');
  -- The addresses before the contact, and in one order, as ingest does.
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from (select distinct x from unnest(added || removed) x order by x) o;
  before := private.lock_my_contact(edit_contact.contact_id);

  after := before;
  if changes ? 'name' then
    after.name := nullif(btrim(regexp_replace(
      coalesce(changes ->> 'name', ''), '[[:cntrl:]\s]+', ' ', 'g')), '');
    if char_length(after.name) > 200 then
      perform private.refuse('bad_name', 'The name is longer than 200 characters.', 'Shorten it.');
    end if;
  end if;
  if changes ? 'phone' then
    after.phone := private.address_of(nullif(btrim(changes ->> 'phone'), ''), 'sms');
    if after.phone is null and btrim(coalesce(changes ->> 'phone', '')) <> '' then
      perform private.refuse('bad_address', 'This is no phone number.',
        'Write it with its country code, for example +62 812 3456 7890.');
    end if;
  end if;
  if changes ? 'locale' then
    after.locale := nullif(btrim(changes ->> 'locale'), '');
    if after.locale !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$' then
      perform private.refuse('bad_locale', 'This is no language.', 'For example id or en.');
    end if;
  end if;
  if changes ? 'notes' then
    after.notes := nullif(btrim(changes ->> 'notes', E' \t\r\n'), '');
    if char_length(after.notes) > 10000 then
      perform private.refuse('too_long', 'The notes are longer than 10,000 characters.',
        'Shorten them.');
    end if;
  end if;
  if changes ? 'attributes' then
    after.attributes := private.changed_attributes(before.attributes, changes -> 'attributes');
  end if;
  fields := array_remove(array[
    case when after.name is distinct from before.name then 'name' end,
    case when after.phone is distinct from before.phone then 'phone' end,
    case when after.locale is distinct from before.locale then 'locale' end,
    case when after.notes is distinct from before.notes then 'notes' end,
    case when after.attributes <> before.attributes then 'attributes' end], null);
  if fields <> '{}' then
    update public.contacts p
       set name = after.name, phone = after.phone, locale = after.locale, notes = after.notes,
           attributes = after.attributes
     where p.id = before.id;
  end if;
  if added || removed <> '{}' and private.change_addresses(before.id, added, removed) then
    fields := fields || 'addresses'::text;
  end if;
  if fields <> '{}' then
    told := private.tell_of_contact(before.id, 'contact_edited', jsonb_build_object(
      'fields', fields, 'name', case when 'name' = any (fields) then after.name end,
      'from_name', case when 'name' = any (fields) then before.name end));
  end if;
  return private.changed_contacts(array[before.id], told);
end $$;

-- Whether we talk to this contact. To a blocked one nothing is sent; what they write is kept.
create function public.set_blocked(contact_id uuid, blocked boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person constant public.contacts := private.lock_my_contact(set_blocked.contact_id);
  told uuid[] := '{}';
begin
  if set_blocked.blocked is null then
    perform private.refuse('bad_request', 'The contact is neither to be blocked nor not.');
  end if;
  if person.blocked <> set_blocked.blocked then
    update public.contacts p set blocked = set_blocked.blocked where p.id = person.id;
    told := private.tell_of_contact(person.id,
      case when set_blocked.blocked then 'blocked' else 'unblocked' end, '{}');
    perform private.audit(case when set_blocked.blocked then 'contact_blocked'
      else 'contact_unblocked' end, 'contacts', person.id, '{}');
  end if;
  return private.changed_contacts(array[person.id], told);
end $$;

revoke all on function
  private.tell_of_contact(uuid, text, jsonb), private.changed_contacts(uuid[], uuid[]),
  private.lock_my_contact(uuid), private.changed_attributes(jsonb, jsonb),
  private.change_addresses(uuid, text[], text[]), private.addresses_of(jsonb),
  public.edit_contact(uuid, jsonb), public.set_blocked(uuid, boolean)
  from public, anon, authenticated;
grant execute on function public.edit_contact(uuid, jsonb), public.set_blocked(uuid, boolean)
  to authenticated;
