-- Adoption, step four, at any time and repeatable: whose number an old thread belongs to. From a
-- column that the administrator names (`balas migrate --address-column`), or from Twilio by SID.

-- An address as Twilio writes it, or null for what is not an international number. A number
-- without a channel is taken for `channel`.
create function private.normal_address(value text, channel text default 'whatsapp') returns text
language plpgsql immutable set search_path = '' as $$
declare
  prefixed constant boolean := value ~* '^\s*whatsapp:';
  number text := regexp_replace(regexp_replace(value, '^\s*whatsapp:', '', 'i'),
                                '[\s().\-]', '', 'g');
begin
  if prefixed and value ~* '^\s*whatsapp:[A-Z]{2}\.\d+\s*$' then
    return 'whatsapp:' || upper(regexp_replace(btrim(value), '^\s*whatsapp:', '', 'i'));
  end if;
  number := regexp_replace(number, '^00', '+');
  -- WhatsApp's own id is the number without its plus; a national one begins with 0.
  if number ~ '^[1-9]\d{9,14}$' then
    number := '+' || number;
  end if;
  if number is null or number !~ '^\+[1-9]\d{6,14}$' then
    return null;
  end if;
  return case when prefixed or channel = 'whatsapp' then 'whatsapp:' else '' end || number;
end $$;

-- Says that the customer of this conversation has this address. When somebody has it already, the
-- conversation is theirs. A number is taken for both channels: it is the same phone.
create function private.give_address(conversation uuid, given text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  number constant text := substring(given from '\+\d+$');
  old_contact uuid;
  owner uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || given, 0));
  select c.contact_id into old_contact from public.conversations c where c.id = conversation
    for update;
  select a.contact_id into owner from public.contact_addresses a
   where a.address in (given, number, 'whatsapp:' || number)
   order by (a.address = given) desc limit 1;
  if owner is not null and owner <> old_contact then
    -- Not into an inbox where they have a thread already: two threads stay two.
    update public.conversations c set contact_id = owner
     where c.id = conversation
       and (c.adopted or not exists (
         select from public.conversations o
          where o.inbox_id = c.inbox_id and o.contact_id = owner and not o.adopted));
    delete from public.contacts p
     where p.id = old_contact and p.notes is null
       and not exists (select from public.conversations c where c.contact_id = p.id)
       and not exists (select from public.contact_addresses a where a.contact_id = p.id);
  else
    owner := old_contact;
  end if;
  insert into public.contact_addresses (contact_id, address, channel)
  select owner, a, case when a like 'whatsapp:%' then 'whatsapp' else 'sms' end
    from unnest(array[given, number, 'whatsapp:' || number]) a where a is not null
    on conflict (address) do nothing;
  -- A stand-in name gives way: the number says more, and the next message brings the real name.
  update public.contacts p
     set phone = coalesce(p.phone, number),
         name = case when p.name ~ '^Adopted conversation [0-9a-f]{8}$' then null else p.name end
   where p.id = owner
     and (p.phone is distinct from coalesce(p.phone, number)
          or p.name ~ '^Adopted conversation [0-9a-f]{8}$');
  return owner;
end $$;

-- Takes numbers from a column of conversations or messages. Returns {"taken", "unreadable"}, both
-- counted in conversations. Fills only what is empty, so repeating is harmless.
create function private.adopt_addresses(
  from_table text, from_column text, channel text default 'whatsapp') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread record;
  address text;
  taken integer := 0;
  unreadable integer := 0;
  resume text[];
begin
  if from_table not in ('conversations', 'messages') then
    raise exception 'numbers are taken from conversations or messages';
  end if;
  resume := private.pause_triggers(false);
  for thread in execute format($q$
    select c.id, %1$s as value
      from public.conversations c
     where exists (select from public.messages m where m.conversation_id = c.id
                      and (m.direction = 'inbound' and m.from_number is null
                           or m.direction = 'outbound' and m.to_number is null))
        or not exists (select from public.contact_addresses a where a.contact_id = c.contact_id)
     order by c.id
  $q$, case from_table when 'conversations' then format('c.%I::text', from_column)
       else format('(select m.%1$I::text from public.messages m where m.conversation_id = c.id
                      and nullif(btrim(m.%1$I::text), %2$L) is not null
                    order by m."timestamp" desc limit 1)', from_column, '') end)
  loop
    continue when coalesce(btrim(thread.value), '') = '';
    address := private.normal_address(thread.value, channel);
    if address is null then
      unreadable := unreadable + 1;
      continue;
    end if;
    perform private.give_address(thread.id, address);
    update public.messages m
       set from_number = case m.direction when 'inbound'
             then coalesce(m.from_number, address) else m.from_number end,
           to_number = case m.direction when 'outbound'
             then coalesce(m.to_number, address) else m.to_number end
     where m.conversation_id = thread.id
       and (m.direction = 'inbound' and m.from_number is null
            or m.direction = 'outbound' and m.to_number is null);
    taken := taken + 1;
  end loop;
  perform private.resume_triggers(resume);
  return jsonb_build_object('taken', taken, 'unreadable', unreadable);
end $$;

-- Old messages whose numbers Twilio still knows, newest first; threads without any number first.
create function private.unnumbered_messages(many integer default 50)
returns table (message_id uuid, message_sid text)
language sql stable security definer set search_path = '' as $$
  select m.id, m.message_sid
    from public.messages m
    join public.conversations c on c.id = m.conversation_id
   where m.message_sid is not null and (m.from_number is null or m.to_number is null)
     and coalesce(m.status, '') not in ('scheduled', 'queued', 'sending', 'uncertain')
     and not m.metadata ? 'numbers_unknown'
   order by exists (select from public.contact_addresses a where a.contact_id = c.contact_id),
            m."timestamp" desc
   limit many
$$;

-- What Twilio says about one old message; null numbers: Twilio does not know it any more. Messages
-- of the same thread without a SID follow. Returns whether anything was filled.
create function private.fill_numbers(message_sid text, from_number text, to_number text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  message public.messages;
  customer text;
  ours text;
begin
  select * into message from public.messages m where m.message_sid = fill_numbers.message_sid
    for update;
  if message.id is null then
    return false;
  end if;
  if coalesce(fill_numbers.from_number, '') = '' or coalesce(fill_numbers.to_number, '') = '' then
    update public.messages m set metadata = m.metadata || '{"numbers_unknown": true}'
     where m.id = message.id;
    return false;
  end if;
  update public.messages m
     set from_number = coalesce(m.from_number, fill_numbers.from_number),
         to_number = coalesce(m.to_number, fill_numbers.to_number)
   where m.id = message.id;
  if message.direction = 'inbound' then
    customer := fill_numbers.from_number; ours := fill_numbers.to_number;
  else
    customer := fill_numbers.to_number; ours := fill_numbers.from_number;
  end if;
  update public.messages m
     set from_number = coalesce(m.from_number,
           case m.direction when 'inbound' then customer else ours end),
         to_number = coalesce(m.to_number,
           case m.direction when 'inbound' then ours else customer end)
   where m.conversation_id = message.conversation_id and m.message_sid is null
     and coalesce(m.status, '') not in ('scheduled', 'queued', 'sending', 'uncertain')
     and (m.from_number is null or m.to_number is null);
  perform private.give_address(message.conversation_id, customer);
  return true;
end $$;

revoke all on function
  private.normal_address(text, text), private.give_address(uuid, text),
  private.adopt_addresses(text, text, text), private.unnumbered_messages(integer),
  private.fill_numbers(text, text, text), private.pause_triggers(boolean),
  private.resume_triggers(text[])
  from public, anon, authenticated;
