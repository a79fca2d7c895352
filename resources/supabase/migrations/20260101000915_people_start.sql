-- Writing first: a conversation begins with a template (WhatsApp) or a text (SMS), to somebody who
-- may never have written to us.

alter table public.inboxes add column if not exists locale text;
comment on column public.inboxes.locale is
  'The language of its customers (id, en, pt-BR …), for those of whom we know none.';

-- Two contacts made one (people_merge): the one that was taken in stays as a row and says where it
-- is now. Whoever erases the other erases this one with it.
alter table public.contacts
  add column merged_into uuid references public.contacts (id) on delete cascade;
create index contacts_merged_into on public.contacts (merged_into) where merged_into is not null;

-- Where a contact is now, locked, whatever it was merged into; null when there is none.
create function private.lock_contact(contact uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  here uuid := contact;
  further uuid;
begin
  loop
    select p.merged_into into further from public.contacts p where p.id = here
       for no key update;
    if not found then
      return null;
    end if;
    exit when further is null;
    here := further;
  end loop;
  return here;
end $$;

-- Whether the caller sees this contact, as row security says. Contacts who never wrote and to whom
-- nobody wrote (imported ones) are in no inbox: supervisors see to those.
create function private.may_see_contact(contact uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
      select from public.conversations c
       where c.contact_id = contact and c.inbox_id in (select private.my_inboxes()))
    or (private.is_supervisor() and exists (
      select from public.contacts p where p.id = contact and p.merged_into is null))
$$;

-- The rows as a page of the feed has them.
create function private.contact_rows(contacts uuid[]) returns jsonb
language sql volatile security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
        from public.contact_addresses a where a.contact_id = p.id)) order by p.id), '[]')
    from public.contacts p where p.id = any (contacts)
$$;

-- What somebody typed as an address of this channel: +62 812-3456-7890 or whatsapp:+62… . Null when
-- it is none. A number without its country code is none: whose country would it be?
create function private.address_of(typed text, channel text) returns text
language sql immutable set search_path = '' as $$
  select case
      when number ~ '^\+[1-9][0-9]{6,14}$'
        then case channel when 'whatsapp' then 'whatsapp:' else '' end || number
      -- a WhatsApp user without a number (ExternalUserId)
      when channel = 'whatsapp' and bare ~ '^[A-Z]{2}\.[0-9A-Za-z]{4,128}$' then 'whatsapp:' || bare
    end
    from (select regexp_replace(btrim(typed), '^whatsapp:', '') as bare) b
   cross join lateral (
     select regexp_replace(regexp_replace(b.bare, '[\s()./‐‑–-]+', '', 'g'), '^00', '+') as number) n
$$;

-- What stands for {{contact.name}} and its like: in the values of a template, and in templates that
-- name their variables themselves ({{name}}, {{inbox_name}}). Attributes of the contact are
-- {{contact.<attribute>}}. WhatsApp takes no line breaks, tabs or runs of blanks in a value.
create function private.known_words(inbox uuid, contact uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(w.word, btrim(regexp_replace(w.value, '\s+', ' ', 'g')))
           filter (where btrim(w.value) <> ''), '{}')
    from (
      select 'contact.' || a.key as word, a.value
        from public.contacts p cross join lateral jsonb_each_text(p.attributes) a
       where p.id = contact and a.key not in ('name', 'first_name', 'phone')
      union all
      select v.word, v.value
        from (select 1) one
        left join public.contacts p on p.id = contact
        left join public.inboxes i on i.id = inbox
       cross join lateral (values
         ('contact.name', p.name), ('contact_name', p.name), ('name', p.name),
         ('contact.first_name', split_part(btrim(p.name), ' ', 1)),
         ('first_name', split_part(btrim(p.name), ' ', 1)),
         ('contact.phone', p.phone), ('phone', p.phone),
         ('inbox.name', i.name), ('inbox_name', i.name),
         ('agent.name', private.name_of(auth.uid())),
         ('agent_name', private.name_of(auth.uid()))) v (word, value)) w
$$;

-- A text with its {{words}} filled in, in one pass: what a customer calls himself is never filled in
-- again. Null when one of them is not known.
create function private.filled_words(body text, words jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when bool_and(found.word is null or words ? found.word)
    then string_agg(plain.piece || coalesce(words ->> found.word, ''), '' order by plain.n) end
    from regexp_split_to_table(body, '\{\{\s*[\w.-]+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as word, row_number() over () as n
        from regexp_matches(body, '\{\{\s*([\w.-]+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

-- The one of the templates called `wanted` whose language fits best: the first of `languages` that
-- there is (pt-BR before pt before pt-PT), else any. WhatsApp sends none but approved ones.
create function private.fitting_template(wanted text, languages text[], channel text)
returns public.templates
language sql stable security definer set search_path = '' as $$
  select t
    from public.templates t
    left join lateral (
      select min(case
          when tongue.has = tongue.asked then l.n * 3
          when tongue.has = split_part(tongue.asked, '-', 1) then l.n * 3 + 1
          when split_part(tongue.has, '-', 1) = split_part(tongue.asked, '-', 1) then l.n * 3 + 2
        end) as place
        from unnest(languages) with ordinality l (code, n)
       cross join lateral (
         select lower(replace(t.language, '_', '-')) as has,
                lower(replace(l.code, '_', '-')) as asked) tongue) fit on true
   where t.name = wanted and (channel <> 'whatsapp' or t.status = 'approved')
   order by (t.status = 'approved') desc nulls last, fit.place nulls last, t.language, t.content_sid
   limit 1
$$;

-- A template as it would be sent: {"content_sid", "name", "language", "variables", "text",
-- "missing": names of variables without a value}. `template` names it by "content_sid", then it is
-- this one and no other; or by "name", then the language is chosen: "language" of the template
-- itself, the contact's, the inbox's, any. A value in "variables" may hold {{words}}.
create function private.chosen_template(template jsonb, inbox uuid, contact uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  home public.inboxes;
  known public.templates;
  words constant jsonb := private.known_words(inbox, contact);
  given constant jsonb := case jsonb_typeof(template -> 'variables')
    when 'object' then template -> 'variables' else '{}' end;
  filled jsonb;
  missing text[];
begin
  select * into home from public.inboxes i where i.id = inbox;
  if coalesce(template ->> 'content_sid', '') <> '' then
    select * into known from public.templates t where t.content_sid = template ->> 'content_sid';
  elsif coalesce(template ->> 'name', '') <> '' then
    known := private.fitting_template(template ->> 'name', array_remove(array[
      template ->> 'language',
      (select p.locale from public.contacts p where p.id = contact), home.locale], null),
      home.channel);
    if known.id is null then
      if exists (select from public.templates t where t.name = template ->> 'name') then
        perform private.refuse('template_not_approved',
          'WhatsApp has not approved this template.', 'Choose an approved template.');
      end if;
      perform private.refuse('bad_template', 'There is no template of this name.',
        'Choose another one.');
    end if;
  else
    perform private.refuse('bad_template', 'The template has no name.',
      'Choose the template again.');
  end if;

  -- What was given, with its words filled in; then what the template names by itself.
  select coalesce(jsonb_object_agg(g.key, private.filled_words(g.value, words))
           filter (where private.filled_words(g.value, words) <> ''), '{}')
    into filled from jsonb_each_text(given) g;
  select filled || coalesce(jsonb_object_agg(b.word, words -> b.word)
           filter (where not filled ? b.word and not given ? b.word and words ? b.word), '{}'),
         array_agg(distinct b.word order by b.word)
           filter (where not filled ? b.word and (given ? b.word or not words ? b.word))
    into filled, missing
    from (select m[1] as word
            from regexp_matches(coalesce(known.body, ''), '\{\{\s*(\w+)\s*\}\}', 'g') m) b;
  return jsonb_build_object(
    'content_sid', coalesce(known.content_sid, template ->> 'content_sid'),
    'name', known.name, 'language', known.language, 'variables', filled,
    'text', private.filled_template(known.body, filled),
    'missing', coalesce(to_jsonb(missing), '[]'));
end $$;

-- A number of this contact that can be written to on this channel; null when there is none.
create function private.number_of(contact uuid, channel text) returns text
language sql stable security definer set search_path = '' as $$
  select private.address_of(n.number, number_of.channel)
    from (select p.phone as number, 0 as place from public.contacts p where p.id = contact
          union all
          select a.address, 1 from public.contact_addresses a where a.contact_id = contact) n
   where private.address_of(n.number, number_of.channel) is not null
   order by n.place, n.number limit 1
$$;

-- The contact to whom an address belongs, or the contact named, with an address of this channel;
-- found or made, and locked: the address first, as whatever the customer writes at this moment does
-- (ingest). `typed` may be null where a contact is named; `address` comes back null when they are
-- written to where they last wrote from (route).
create function private.contact_to_start(
  channel text, typed text, named uuid, called text, out contact uuid, out address text)
language plpgsql security definer set search_path = '' as $$
declare
  owner uuid;
begin
  if typed is not null then
    address := private.address_of(typed, contact_to_start.channel);
    if address is null then
      perform private.refuse('bad_address', 'This is no number that can be written to.',
        'Write it with its country code, for example +62 812 3456 7890.');
    end if;
  elsif not exists (select from public.contact_addresses a
                     where a.contact_id = named and a.channel = contact_to_start.channel) then
    address := private.number_of(named, contact_to_start.channel);
  end if;
  if exists (select from public.inboxes i where i.address = contact_to_start.address) then
    perform private.refuse('bad_address', 'This is our own number.', 'Write to somebody else.');
  end if;
  if address is not null then
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || address, 0));
  end if;

  if named is not null then
    contact := private.lock_contact(named);
    if contact is null or not private.may_see_contact(contact) then
      perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
    end if;
    if address is null then
      if not exists (select from public.contact_addresses a
                      where a.contact_id = contact and a.channel = contact_to_start.channel) then
        perform private.refuse('no_address', 'This contact has no address on this channel.',
          'Add a number to the contact.');
      end if;
      return;
    end if;
  end if;
  select a.contact_id into owner from public.contact_addresses a
   where a.address = contact_to_start.address;
  if contact is null then
    contact := coalesce(private.lock_contact(owner), private.contact_for(array[address],
      contact_to_start.channel, substring(address from '\+[0-9]+$'), called));
  elsif owner is null then
    insert into public.contact_addresses (contact_id, address, channel)
    values (contact, contact_to_start.address, contact_to_start.channel);
  elsif owner <> contact then
    perform private.refuse('taken', 'This number belongs to another contact.',
      'Write to that contact, or merge the two.');
  end if;
end $$;

-- Begins a conversation, or goes on with the one that this customer has in this inbox: with a
-- template, as `chosen_template` reads it, or with a text where that is allowed (SMS; WhatsApp
-- within 24 hours of the customer's last message). `id` is made by the desktop and becomes the
-- message's: repeating is harmless. `address` or `contact_id` says to whom; `name` is taken for a
-- contact who has none. A new conversation belongs to who began it.
--
-- Answers {"messages", "conversations", "contacts", "events"} with rows as in the feed.
create function public.start_conversation(
  id uuid, inbox_id uuid, address text default null, contact_id uuid default null,
  template jsonb default null, content text default null, name text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  home public.inboxes;
  thread public.conversations;
  sent public.messages;
  called constant text := nullif(btrim(regexp_replace(coalesce(start_conversation.name, ''),
    '[[:cntrl:]\s]+', ' ', 'g')), '');
  is_template constant boolean := coalesce(jsonb_typeof(template), 'null') <> 'null';
  chosen jsonb;
  whom record;
  is_new boolean;
  told uuid;
begin
  select * into home from public.inboxes i
   where i.id = start_conversation.inbox_id and i.id in (select private.my_inboxes());
  if home.id is null then
    perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
      'Ask for access to it.');
  end if;
  if start_conversation.id is null then
    perform private.refuse('bad_id', 'The message has no id.');
  end if;
  if start_conversation.address is null and start_conversation.contact_id is null then
    perform private.refuse('bad_address', 'Nobody is named to write to.', 'Write a number.');
  end if;
  if char_length(called) > 200 then
    perform private.refuse('bad_name', 'The name is longer than 200 characters.', 'Shorten it.');
  end if;

  perform pg_advisory_xact_lock(hashtextextended('balas:start:' || start_conversation.id, 0));
  select * into sent from public.messages m where m.id = start_conversation.id;
  if sent.id is not null then
    select * into thread from public.conversations c where c.id = sent.conversation_id;
    if sent.direction <> 'outbound' or sent.sent_by is distinct from auth.uid()
       or thread.inbox_id <> home.id then
      perform private.refuse('not_allowed', 'This id belongs to another message.', 'Send it anew.');
    end if;
    return private.changed_thread(thread.id) || private.sent_messages(array[sent.id])
      || jsonb_build_object('contacts', private.contact_rows(array[thread.contact_id]));
  end if;

  whom := private.contact_to_start(home.channel, start_conversation.address,
    start_conversation.contact_id, called);
  if called is not null then
    update public.contacts p set name = called
     where p.id = whom.contact and coalesce(p.name, '') = '';
  end if;
  is_new := not exists (select from public.conversations c
                         where c.contact_id = whom.contact
                           and (c.inbox_id = home.id or c.adopted));
  thread := private.lock_my_conversation(private.conversation_for(home.id, whom.contact));
  if whom.address is not null then
    if exists (select from public.contact_addresses a
                where a.address = whom.address and a.opted_out_at is not null) then
      perform private.refuse('opted_out', 'The customer opted out.',
        'Only they can opt in again, by writing START.');
    end if;
    -- Each number has a window of its own.
    if home.channel = 'whatsapp' and not is_template and not exists (
         select from public.messages m
          where m.conversation_id = thread.id and m.direction = 'inbound'
            and m.from_number = whom.address
            and m."timestamp" > clock_timestamp() - interval '24 hours') then
      perform private.refuse('window_closed', 'More than 24 hours since the customer wrote.',
        'Send a template.');
    end if;
  end if;
  if is_template then
    chosen := private.chosen_template(template, home.id, whom.contact);
    if chosen -> 'missing' <> '[]' then
      perform private.refuse('bad_template', 'A value of the template is missing: '
        || array_to_string(array(select jsonb_array_elements_text(chosen -> 'missing')), ', ')
        || '.', 'Fill in every field.');
    end if;
    chosen := jsonb_strip_nulls(chosen) - '{text,missing}'::text[];
  end if;

  perform public.send_message(start_conversation.id, thread.id, start_conversation.content,
    '[]', null, chosen);
  if whom.address is not null then
    update public.messages m set to_number = whom.address
     where m.id = start_conversation.id and m.to_number is distinct from whom.address;
  end if;
  if is_new then
    update public.conversations c set assignee_id = auth.uid() where c.id = thread.id;
    told := private.tell(thread, 'started', jsonb_build_object('template', chosen -> 'name'));
  elsif thread.status <> 'open' then
    update public.conversations c set status = 'open', snoozed_until = null where c.id = thread.id;
    told := private.tell(thread, 'reopened',
      jsonb_build_object('by', 'agent', 'was', thread.status));
  end if;
  return private.changed_thread(thread.id, told)
    || private.sent_messages(array[start_conversation.id])
    || jsonb_build_object('contacts', private.contact_rows(array[whom.contact]));
end $$;

-- What `start_conversation` and a reply by template would send: {"content_sid", "name", "language",
-- "variables", "text", "missing"}; text is null while something is missing. Changes nothing.
create function public.preview_template(
  inbox_id uuid, template jsonb, contact_id uuid default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.inboxes i
                  where i.id = preview_template.inbox_id
                    and i.id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
      'Ask for access to it.');
  end if;
  if preview_template.contact_id is not null
     and not private.may_see_contact(preview_template.contact_id) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  return private.chosen_template(
    coalesce(template, '{}'), preview_template.inbox_id, preview_template.contact_id);
end $$;

revoke all on function
  private.lock_contact(uuid), private.may_see_contact(uuid), private.contact_rows(uuid[]),
  private.address_of(text, text), private.known_words(uuid, uuid),
  private.filled_words(text, jsonb), private.fitting_template(text, text[], text),
  private.chosen_template(jsonb, uuid, uuid), private.number_of(uuid, text),
  private.contact_to_start(text, text, uuid, text),
  public.start_conversation(uuid, uuid, text, uuid, jsonb, text, text),
  public.preview_template(uuid, jsonb, uuid)
  from public, anon, authenticated;
grant execute on function
  public.start_conversation(uuid, uuid, text, uuid, jsonb, text, text),
  public.preview_template(uuid, jsonb, uuid)
  to authenticated;
