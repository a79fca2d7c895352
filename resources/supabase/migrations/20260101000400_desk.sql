-- What agents do, part one: helpers of the functions that write, and sending.
--
-- Agents never write a table. Each function below is security definer, finds the caller by their
-- token, and says "not found" for what the caller may not see.

-- `updated_at` is kept here, so that no writer has to remember it.
create function private.touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;
do $$
declare
  t text;
begin
  foreach t in array array['profiles', 'inboxes', 'contacts', 'conversations', 'messages', 'labels',
    'canned_replies', 'templates', 'auto_replies', 'settings'] loop
    execute format('create trigger balas_touch before update on public.%I
      for each row execute function private.touch()', t);
  end loop;
end $$;

-- The thread of a contact in an inbox, found or made. A customer of the time before Balas who
-- writes again continues the old thread: it moves from the adopted inbox to this one.
-- Safe to call from several transactions at once: the contact's row is the lock.
create function private.conversation_for(inbox uuid, contact uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  thread uuid;
begin
  perform from public.contacts p where p.id = contact for no key update;
  select c.id into thread from public.conversations c
   where c.inbox_id = inbox and c.contact_id = contact and not c.adopted;
  if thread is not null then
    return thread;
  end if;
  select c.id into thread from public.conversations c
   where c.contact_id = contact and c.adopted
   order by coalesce(c.last_message_at, c.created_at) desc, c.id desc limit 1
     for update;
  if thread is not null then
    update public.conversations c set inbox_id = inbox, adopted = false where c.id = thread;
    return thread;
  end if;
  insert into public.conversations (inbox_id, contact_id) values (inbox, contact)
    on conflict (inbox_id, contact_id) where not adopted do nothing
    returning id into thread;
  if thread is null then
    select c.id into thread from public.conversations c
     where c.inbox_id = inbox and c.contact_id = contact and not c.adopted;
  end if;
  return thread;
end $$;

-- The next place in a thread: server time, always after the last message. The caller holds the
-- conversation's row lock.
create function private.next_moment(conversation uuid) returns timestamptz
language sql volatile security definer set search_path = '' as $$
  select greatest(clock_timestamp(), max(m."timestamp") + interval '1 microsecond')
    from public.messages m where m.conversation_id = conversation
$$;

-- The caller's conversation, locked; or "not found".
create function private.lock_my_conversation(conversation uuid) returns public.conversations
language plpgsql security definer set search_path = '' as $$
declare
  thread public.conversations;
begin
  select * into thread from public.conversations c
   where c.id = conversation and c.inbox_id in (select private.my_inboxes())
     for update;
  if thread.id is null then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  return thread;
end $$;

-- Whether we may write to this customer now, and with which numbers. Refuses in words otherwise.
create function private.route(
  thread public.conversations, is_template boolean,
  out channel text, out sender text, out recipient text)
language plpgsql security definer set search_path = '' as $$
declare
  inbox public.inboxes;
  person public.contacts;
  opted_out timestamptz;
begin
  select * into inbox from public.inboxes i where i.id = thread.inbox_id;
  select * into person from public.contacts p where p.id = thread.contact_id;
  channel := inbox.channel;
  sender := inbox.address;
  if inbox.address is null and inbox.messaging_service_sid is null then
    perform private.refuse('no_sender', 'This inbox has no number to send from.',
      'The thread moves to an inbox of yours when the customer writes again.');
  end if;
  if person.blocked then
    perform private.refuse('blocked', 'This contact is blocked.', 'Unblock the contact first.');
  end if;
  -- Where they last wrote from, as long as that is still theirs; else the newest address they have.
  select a.address, a.opted_out_at into recipient, opted_out
    from public.contact_addresses a
   where a.contact_id = person.id and a.channel = inbox.channel
   order by (a.address = (
              select m.from_number from public.messages m
               where m.conversation_id = thread.id and m.direction = 'inbound'
               order by m."timestamp" desc limit 1)) desc nulls last,
            a.created_at desc, a.address
   limit 1;
  if recipient is null then
    perform private.refuse('no_address', 'This contact has no address on this channel.',
      'Add a number to the contact.');
  end if;
  if opted_out is not null then
    perform private.refuse('opted_out', 'The customer opted out.',
      'Only they can opt in again, by writing START.');
  end if;
  -- WhatsApp's rule, judged by server time:
  -- https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window
  if channel = 'whatsapp' and not is_template
     and coalesce(thread.last_inbound_at, '-infinity') <= clock_timestamp() - interval '24 hours'
  then
    perform private.refuse('window_closed', 'More than 24 hours since the customer wrote.',
      'Send a template.');
  end if;
end $$;

-- The files of a message as they are stored, after checking every one. The path must lie in this
-- conversation: otherwise an agent could have a file of another inbox sent to anyone.
create function private.checked_files(files jsonb, conversation uuid) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  file jsonb;
  stored jsonb := '[]';
begin
  if files is null or jsonb_typeof(files) = 'null' then
    return stored;
  end if;
  if jsonb_typeof(files) <> 'array' then
    perform private.refuse('bad_media', 'The files are not a list.', 'Attach the files again.');
  end if;
  for file in select f from jsonb_array_elements(files) f loop
    if jsonb_typeof(file) <> 'object'
       or coalesce(file ->> 'path', '') not like conversation || '/_%'
       or file ->> 'path' ~ '(^|/)\.{1,2}(/|$)|//|\\'
       or coalesce(file ->> 'content_type', '') !~ '^[\w.+-]+/[\w.+-]+( *;.*)?$'
       or coalesce(jsonb_typeof(file -> 'size'), 'null') not in ('number', 'null') then
      perform private.refuse('bad_media', 'A file lies outside this conversation or has no type.',
        'Attach the file again.');
    end if;
    stored := stored || jsonb_build_array(jsonb_build_object(
      'bucket', 'attachments', 'path', file -> 'path', 'url', null,
      'content_type', file -> 'content_type', 'name', file -> 'name', 'size', file -> 'size',
      'state', 'stored', 'error', null));
  end loop;
  return stored;
end $$;

create function private.type_of(content_type text) returns text
language sql immutable set search_path = '' as $$
  select case
    when content_type is null then 'text'
    when split_part(content_type, '/', 1) in ('image', 'video', 'audio')
      then split_part(content_type, '/', 1)
    else 'document' end
$$;

-- Puts queued rows at the end of a locked conversation and kicks the worker. `parts` is a list of
-- {"id", "content", "message_type", "media", "metadata"}, already in order.
create function private.queue_messages(
  thread public.conversations, parts jsonb, sender text, recipient text, answered uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.next_moment(thread.id);
  part jsonb;
begin
  for part in select p from jsonb_array_elements(parts) p loop
    insert into public.messages (id, conversation_id, direction, message_type, content, media,
      media_content_type, metadata, sent_by, "timestamp", from_number, to_number, status, reply_to)
    values ((part ->> 'id')::uuid, thread.id, 'outbound', part ->> 'message_type',
      part ->> 'content', part -> 'media', part #>> '{media,0,content_type}', part -> 'metadata',
      auth.uid(), moment, sender, recipient, 'queued', answered);
    -- The conversation is the lock, so replies of one conversation leave in order.
    perform private.enqueue('send_message', jsonb_build_object('message_id', part ->> 'id'),
      'conversation:' || thread.id, null, 'send');
    moment := moment + interval '1 microsecond';
  end loop;
  update public.conversations c
     set last_message_at = moment - interval '1 microsecond', waiting_since = null
   where c.id = thread.id;
  return private.sent_messages(array(
    select (p ->> 'id')::uuid from jsonb_array_elements(parts) p));
end $$;

create function private.sent_messages(ids uuid[]) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('messages',
      coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp"), '[]'))
    from public.messages m where m.id = any (ids)
$$;

revoke all on function
  private.touch(), private.conversation_for(uuid, uuid), private.next_moment(uuid),
  private.lock_my_conversation(uuid), private.route(public.conversations, boolean),
  private.checked_files(jsonb, uuid), private.type_of(text),
  private.queue_messages(public.conversations, jsonb, text, text, uuid),
  private.sent_messages(uuid[])
  from public, anon, authenticated;
