-- What the service calls, part one: taking messages in. Each function is one transaction and one
-- round trip. The webhook and the worker connect as `postgres`; nobody else may call any of this.

-- The inbox of a To address. One that nobody configured gets an inbox of its own, flagged for the
-- administrator, so that nothing is lost.
create function private.inbox_for(address text, service_sid text, channel text) returns uuid
language plpgsql set search_path = ''
as $$
declare
  found uuid;
begin
  select i.id into found from public.inboxes i where i.address = inbox_for.address;
  if found is null and service_sid is not null then
    select i.id into found from public.inboxes i
     where i.messaging_service_sid = service_sid and i.channel = inbox_for.channel
       and i.address is null
     order by i.created_at, i.id limit 1;
  end if;
  if found is null then
    insert into public.inboxes (name, channel, address, flagged)
    values (replace(inbox_for.address, 'whatsapp:', ''), inbox_for.channel, inbox_for.address, true)
    on conflict do nothing
    returning id into found;
  end if;
  if found is null then
    select i.id into found from public.inboxes i where i.address = inbox_for.address;
  end if;
  return found;
end
$$;

-- The person behind an address. Several addresses in one request name the same person; a phone
-- number may be absent. The caller holds the locks of all these addresses.
create function private.contact_for(addresses text[], channel text, phone text, name text)
returns uuid
language plpgsql set search_path = ''
as $$
declare
  found uuid;
  complete boolean;  -- whether nothing is to be added to the addresses we know
begin
  select a.contact_id into found from public.contact_addresses a where a.address = addresses[1];
  complete := found is not null and cardinality(addresses) = 1;
  if found is null and cardinality(addresses) > 1 then
    select a.contact_id into found from public.contact_addresses a
     where a.address = any (addresses)
     order by array_position(addresses, a.address) limit 1;
  end if;
  if found is null then
    insert into public.contacts (name, phone)
    values (contact_for.name, contact_for.phone)
    returning id into found;
  else
    -- What an agent wrote stays; a name or a number that is missing is filled. Asked first, because
    -- a statement that changes nothing still calls its triggers.
    if exists (
      select from public.contacts c
       where c.id = found
         and ((coalesce(c.name, '') = '' and contact_for.name is not null)
              or (c.phone is null and contact_for.phone is not null))) then
      update public.contacts c
         set name = coalesce(nullif(c.name, ''), contact_for.name),
             phone = coalesce(c.phone, contact_for.phone)
       where c.id = found;
    end if;
  end if;
  if not complete then
    insert into public.contact_addresses (contact_id, address, channel)
    select found, a, contact_for.channel from unnest(addresses) a
    on conflict do nothing;
  end if;
  return found;
end
$$;

-- The place in a thread of a message that comes late, from the spool or from the sweep: when it was
-- written, or, when the thread has gone on since, right after the last message. Never among the
-- messages that are there already: agents have read past that place, pages and unread marks are
-- counted by it, and an answer must not come to stand before what it did not know. The caller holds
-- the conversation's row lock.
create function private.late_moment(conversation uuid, written_at timestamptz) returns timestamptz
language sql volatile set search_path = ''
as $$
  select greatest(least(written_at, clock_timestamp()),
                  max(m."timestamp") + interval '1 microsecond')
    from public.messages m where m.conversation_id = conversation
$$;

-- What the real request knows more than Twilio's list did about a message that the sweep brought.
create function private.enrich_swept(message uuid, request jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  update public.messages m
     set metadata = (request -> 'metadata')
                    || jsonb_build_object('swept', (m.metadata -> 'swept') || '{"confirmed": true}'),
         content = coalesce(nullif(m.content, ''), request ->> 'content'),
         message_type = request ->> 'message_type',
         reply_to = coalesce(m.reply_to, (
           select q.id from public.messages q
            where q.message_sid = request ->> 'quoted_sid'
              and q.conversation_id = m.conversation_id))
   where m.id = enrich_swept.message and m.direction = 'inbound'
     and m.metadata ? 'swept' and m.metadata #> '{swept,confirmed}' is null;
  if found then
    perform private.contact_for(
      array(select jsonb_array_elements_text(request -> 'addresses')), request ->> 'channel',
      request ->> 'phone', request ->> 'profile_name');
  end if;
end
$$;

-- Keeps one signed request, and makes a message of it unless it could not be parsed.
--
-- request: what service/inbound.py made of the parameters (Inbound.as_json), null if unparseable
-- body, headers, path: the request as it came; flagged: what was strange about it, null if nothing
-- written_at: of a late one, when it reached the spool or Twilio (path '/sweep'); null means now
-- Returns {"message_id", "conversation_id", "inbox_id"}, {"duplicate": true} or {"kept": true}.
--
-- Safe to call any number of times, also at once: the id of the raw request is made from its bytes,
-- and the address locks serialise the requests of one customer (an album comes as several at once)
-- before the SID is looked for.
create function private.ingest(
  request jsonb, body bytea, headers jsonb default '{}', flagged text default null,
  path text default '/webhook', written_at timestamptz default null
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  raw_id uuid := encode(substr(sha256(convert_to(path, 'UTF8') || body), 1, 16), 'hex')::uuid;
  sid text := request ->> 'sid';
  names text[];
  one text;
  inbox uuid;
  contact uuid;
  thread uuid;
  conversation public.conversations;
  moment timestamptz;
  message uuid;
  quoted uuid;
  heard_at timestamptz;
  is_swept constant boolean := path = '/sweep';
  -- When the customer wrote, as far as we know: the 24-hour window and the waiting begin there.
  heard constant timestamptz :=
    case when written_at is not null then least(written_at, clock_timestamp()) end;
  -- When the raw request was in our hands.
  taken constant timestamptz := case when is_swept then now() else coalesce(heard, now()) end;
begin
  if sid is null then
    insert into private.webhook_requests (id, received_at, path, headers, body, flagged)
    values (raw_id, taken, ingest.path, ingest.headers, ingest.body,
            coalesce(ingest.flagged, 'unparsed'))
    on conflict do nothing;
    return jsonb_build_object('kept', true);
  end if;

  select array_agg(a order by n) into names
    from jsonb_array_elements_text(request -> 'addresses') with ordinality as t(a, n);
  -- Always in the same order, so that two requests never wait for each other.
  for one in select distinct a from unnest(names) a order by a loop
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || one, 0));
  end loop;

  select m.id into message from public.messages m where m.message_sid = sid;
  if message is not null then
    if not is_swept then
      -- The sweep was here first and knew less: Twilio's list has no names, places or buttons.
      perform private.enrich_swept(message, request);
      insert into private.webhook_requests
        (id, received_at, path, headers, body, parameters, flagged, message_id)
      select raw_id, taken, ingest.path, ingest.headers, ingest.body, request #> '{metadata,raw}',
             ingest.flagged, m.id
        from public.messages m where m.id = message and m.metadata ? 'swept'
      on conflict do nothing;
    end if;
    return jsonb_build_object('duplicate', true);
  end if;

  inbox := private.inbox_for(
    request ->> 'to', request ->> 'messaging_service_sid', request ->> 'channel');
  contact := private.contact_for(
    names, request ->> 'channel', request ->> 'phone', request ->> 'profile_name');
  -- Their last word counts, not the one that comes to us last.
  if request ->> 'opt_out' in ('STOP', 'START') then
    update public.contact_addresses a
       set opted_out_at = case request ->> 'opt_out' when 'STOP' then coalesce(heard, now()) end
     where a.address = request ->> 'from'
       and not exists (
         select from public.messages m
          where m.from_number = request ->> 'from' and m."timestamp" > heard);
  end if;

  thread := private.conversation_for(inbox, contact);
  select * into strict conversation from public.conversations c where c.id = thread for update;
  -- The order of a conversation is fixed here: by arrival, never equal, never backwards.
  moment := case when heard is null then private.next_moment(conversation.id)
                 else private.late_moment(conversation.id, heard) end;
  heard_at := coalesce(heard, moment);
  if request ->> 'quoted_sid' is not null then
    select m.id into quoted from public.messages m
     where m.message_sid = request ->> 'quoted_sid' and m.conversation_id = conversation.id;
  end if;

  insert into public.messages (
    conversation_id, message_sid, direction, message_type, content, media_url, media_content_type,
    "timestamp", from_number, to_number, media, status, metadata, reply_to)
  values (
    conversation.id, sid, 'inbound', request ->> 'message_type', request ->> 'content',
    request #>> '{media,0,url}', request #>> '{media,0,content_type}',
    moment, request ->> 'from', request ->> 'to', request -> 'media', 'received',
    request -> 'metadata', quoted)
  on conflict (message_sid) do nothing
  returning id into message;
  if message is null then  -- stored meanwhile by a way that takes no address lock
    return jsonb_build_object('duplicate', true);
  end if;

  insert into private.webhook_requests
    (id, received_at, path, headers, body, parameters, flagged, message_id)
  values (raw_id, taken, ingest.path, ingest.headers, ingest.body,
          request #> '{metadata,raw}', ingest.flagged, message)
  on conflict do nothing;

  if is_swept then
    insert into private.sweep_fills (sid, message_id, inbox_id, direction, written_at)
    values (sid, message, inbox, 'inbound', heard_at);
  end if;
  if conversation.status <> 'open' then
    insert into public.events (conversation_id, kind, data)
    values (conversation.id, 'reopened',
            jsonb_build_object('by', 'customer', 'was', conversation.status));
  end if;
  update public.conversations c
     set status = 'open',
         snoozed_until = null,
         last_message_at = moment,
         last_inbound_at = greatest(c.last_inbound_at, heard_at),
         waiting_since = coalesce(c.waiting_since, heard_at)
   where c.id = conversation.id;

  if jsonb_array_length(request -> 'media') > 0 then
    perform private.enqueue(
      'copy_media', jsonb_build_object('message_id', message), queue => 'media');
  end if;
  if exists (select from public.inboxes i where i.id = inbox and i.has_rules) then
    perform private.enqueue(
      'run_rules', jsonb_build_object('message_id', message), queue => 'rules');
  end if;
  return jsonb_build_object(
    'message_id', message, 'conversation_id', conversation.id, 'inbox_id', inbox);
end
$$;

-- One file of a message was copied, or is lost: merges what is now known into its element.
create function private.record_media(message_id uuid, index int, element jsonb) returns void
language sql set search_path = ''
as $$
  update public.messages m
     set media = jsonb_set(m.media, array[record_media.index::text],
                           (m.media -> record_media.index) || record_media.element)
   where m.id = record_media.message_id
     and m.media -> record_media.index is not null
$$;

revoke all on function
  private.inbox_for(text, text, text),
  private.contact_for(text[], text, text, text),
  private.late_moment(uuid, timestamptz),
  private.enrich_swept(uuid, jsonb),
  private.ingest(jsonb, bytea, jsonb, text, text, timestamptz),
  private.record_media(uuid, int, jsonb)
from public, anon, authenticated;
