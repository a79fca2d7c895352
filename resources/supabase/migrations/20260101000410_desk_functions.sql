-- What agents do, part two: the functions that the desktop calls by name.

-- The text that Twilio makes of a template: each {{placeholder}} by its value, in one pass, so that
-- a value may hold braces itself. Null when a value is missing.
create function private.filled_template(body text, variables jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when bool_and(found.k is null or coalesce(variables ->> found.k, '') <> '')
    then string_agg(plain.piece || coalesce(variables ->> found.k, ''), '' order by plain.n) end
    from regexp_split_to_table(body, '\{\{\s*\w+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as k, row_number() over () as n
        from regexp_matches(body, '\{\{\s*(\w+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

-- Sends text, files or a template. `id` is made by the desktop, so that repeating is harmless: the
-- same id answers with the rows it made the first time.
--
-- On WhatsApp every file is a message of its own: the first row has `id` and the text, each other
-- one the UUID version 5 of `id` and its index. On SMS one row carries up to 10 files.
create function public.send_message(
  id uuid, conversation_id uuid, content text default null, media jsonb default '[]',
  reply_to uuid default null, template jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations :=
    private.lock_my_conversation(send_message.conversation_id);
  body constant text := coalesce(send_message.content, '');
  is_template constant boolean := coalesce(jsonb_typeof(template), 'null') <> 'null';
  known public.templates;
  filled text;
  files jsonb;
  ids uuid[];
  parts jsonb;
  way record;
begin
  if send_message.id is null then
    perform private.refuse('bad_id', 'The message has no id.');
  end if;
  -- The conversation is locked, so a second call with this id waits above and finds the rows here.
  if exists (select from public.messages m where m.id = send_message.id) then
    select array_agg(m.id) into ids from public.messages m
     where m.conversation_id = thread.id and m.direction = 'outbound'
       and m.id in (select case n when 0 then send_message.id
                             else private.uuid5(send_message.id, n::text) end
                      from generate_series(0, 29) n);
    if ids is null or not send_message.id = any (ids) then
      perform private.refuse('not_allowed', 'This id belongs to another message.', 'Send it anew.');
    end if;
    return private.sent_messages(ids);
  end if;

  files := private.checked_files(send_message.media, thread.id);
  if is_template and coalesce(template ->> 'content_sid', '') !~ '^HX[0-9a-fA-F]{32}$' then
    perform private.refuse('bad_template', 'The template has no content SID.',
      'Choose the template again.');
  end if;
  if btrim(body, E' \t\r\n') = '' and files = '[]' and not is_template then
    perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
  end if;
  if char_length(body) > 1600 then
    perform private.refuse('too_long', 'The text is longer than 1,600 characters.', 'Shorten it.');
  end if;
  if send_message.reply_to is not null and not exists (
    select from public.messages m
     where m.id = send_message.reply_to and m.conversation_id = thread.id) then
    perform private.refuse('not_found', 'The message answered is not in this conversation.',
      'Write without the quote.');
  end if;
  way := private.route(thread, is_template);
  if is_template then
    -- As the Content API told us last; one that we do not know is left to Twilio's judgement.
    select * into known from public.templates t where t.content_sid = template ->> 'content_sid';
    if way.channel = 'whatsapp' and known.status <> 'approved'
       and coalesce(thread.last_inbound_at, '-infinity')
           <= clock_timestamp() - interval '24 hours' then
      perform private.refuse('template_not_approved',
        'WhatsApp has not approved this template.', 'Choose an approved template.');
    end if;
    filled := private.filled_template(known.body, template -> 'variables');
    if known.id is not null and filled is null then
      perform private.refuse('bad_template', 'A value of the template is missing.',
        'Fill in every field.');
    end if;
  end if;
  if jsonb_array_length(files) > (case way.channel when 'sms' then 10 else 30 end) then
    perform private.refuse('too_many_files',
      case way.channel when 'sms' then 'An SMS carries at most 10 files.'
        else 'At most 30 files at once.' end, 'Send fewer files.');
  end if;

  if way.channel = 'sms' or jsonb_array_length(files) <= 1 then
    parts := jsonb_build_array(jsonb_build_object(
      'id', send_message.id, 'content', coalesce(nullif(body, ''), filled, body), 'media', files,
      'message_type', private.type_of(files #>> '{0,content_type}'),
      'metadata', case when is_template
        then jsonb_build_object('kind', 'template', 'template', template || jsonb_strip_nulls(
          jsonb_build_object('name', known.name, 'language', known.language)))
        else jsonb_build_object('kind', private.type_of(files #>> '{0,content_type}')) end));
  else
    select jsonb_agg(jsonb_build_object(
             'id', case n when 1 then send_message.id
                     else private.uuid5(send_message.id, (n - 1)::text) end,
             'content', case n when 1 then body else '' end,
             'media', jsonb_build_array(file),
             'message_type', private.type_of(file ->> 'content_type'),
             'metadata', jsonb_build_object('kind', private.type_of(file ->> 'content_type'),
               'part', n - 1)) order by n)
      into parts from jsonb_array_elements(files) with ordinality e (file, n);
  end if;
  return private.queue_messages(thread, parts, way.sender, way.recipient, send_message.reply_to);
end $$;

-- Tries a message again that ended badly: a new row, linked by metadata.retry_of. `new_id` is made
-- by the desktop; repeating is harmless. One failed message is tried again by one new message only,
-- also when two agents press Retry at once.
create function public.retry_message(id uuid, new_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  old public.messages;
  thread public.conversations;
  way record;
begin
  select * into old from public.messages m where m.id = retry_message.id;
  -- also refuses what does not exist
  thread := private.lock_my_conversation(old.conversation_id);
  select * into old from public.messages m where m.id = retry_message.id;
  if exists (select from public.messages m where m.id = new_id) then
    if not exists (select from public.messages m
                    where m.id = new_id and m.metadata ->> 'retry_of' = retry_message.id::text) then
      perform private.refuse('not_allowed', 'This id belongs to another message.', 'Try anew.');
    end if;
    return private.sent_messages(array[new_id]);
  end if;
  if old.direction <> 'outbound' or coalesce(old.status, '') not in
     ('failed', 'undelivered', 'canceled') then
    perform private.refuse('not_failed', 'Only a message that failed can be tried again.');
  end if;
  if exists (select from public.messages m where m.metadata ? 'retry_of'
              and m.metadata ->> 'retry_of' = old.id::text) then
    perform private.refuse('already_retried', 'This message was tried again already.',
      'Look at the end of the conversation.');
  end if;
  way := private.route(thread, coalesce(jsonb_typeof(old.metadata -> 'template'), 'null') <> 'null');
  return private.queue_messages(thread,
    jsonb_build_array(jsonb_build_object(
      'id', new_id, 'content', old.content, 'message_type', old.message_type,
      'media', old.media,
      'metadata', (old.metadata - 'raw') || jsonb_build_object('retry_of', old.id))),
    way.sender, way.recipient, old.reply_to);
end $$;

-- The agent's answer for a message whose fate Twilio cannot tell: outcome 'sent' or 'failed'.
-- A callback that arrives later still has the last word where it is proof of more.
create function public.settle_message(id uuid, outcome text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  message public.messages;
  thread public.conversations;
begin
  if outcome is null or outcome not in ('sent', 'failed') then
    perform private.refuse('bad_outcome', 'The outcome is sent or failed.');
  end if;
  select * into message from public.messages m where m.id = settle_message.id;
  thread := private.lock_my_conversation(message.conversation_id);
  select * into message from public.messages m where m.id = settle_message.id for update;
  if message.status = outcome then
    return private.sent_messages(array[message.id]);
  end if;
  if message.status is distinct from 'uncertain' then
    perform private.refuse('not_uncertain', 'The fate of this message is known already.');
  end if;
  update public.messages m
     set status = outcome,
         error_text = case outcome when 'failed'
           then coalesce(m.error_text, 'An agent said that this was not sent.')
           else m.error_text end
   where m.id = message.id;
  update public.delivery_attempts a
     set outcome = 'settled', finished_at = coalesce(a.finished_at, now()),
         words = coalesce(a.words, 'Settled by an agent: ' || settle_message.outcome || '.')
   where a.message_id = message.id and a.outcome in ('calling', 'uncertain');
  insert into public.events (conversation_id, kind, actor_id, data)
  values (thread.id, 'message_settled', auth.uid(),
    jsonb_build_object('message_id', message.id, 'outcome', settle_message.outcome));
  return private.sent_messages(array[message.id]);
end $$;

-- This agent has seen the conversation up to this message. Never moves backwards.
create function public.mark_read(conversation_id uuid, message_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  seen timestamptz;
  mark public.reads;
begin
  select m."timestamp" into seen
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.id = mark_read.message_id and c.id = mark_read.conversation_id
     and c.inbox_id in (select private.my_inboxes());
  if seen is null then
    perform private.refuse('not_found', 'There is no such message, or it is not yours.');
  end if;
  insert into public.reads as r (conversation_id, profile_id, read_at, message_id)
  values (mark_read.conversation_id, auth.uid(), seen, mark_read.message_id)
  on conflict on constraint reads_pkey do update
    set read_at = excluded.read_at, message_id = excluded.message_id
    where r.read_at < excluded.read_at;
  select * into mark from public.reads r
   where r.conversation_id = mark_read.conversation_id and r.profile_id = auth.uid();
  return to_jsonb(mark);
end $$;

-- The composer's text, so that it survives a lost machine. An empty draft is no draft.
create function public.save_draft(
  conversation_id uuid, body text, attachments jsonb default '[]') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  saved public.drafts;
begin
  if not exists (select from public.conversations c
                  where c.id = save_draft.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.');
  end if;
  if coalesce(save_draft.body, '') = '' and coalesce(attachments, '[]') = '[]' then
    delete from public.drafts d
     where d.conversation_id = save_draft.conversation_id and d.profile_id = auth.uid();
    return null;
  end if;
  if char_length(save_draft.body) > 100000
     or jsonb_typeof(coalesce(attachments, '[]')) <> 'array'
     or pg_column_size(attachments) > 100000 then
    perform private.refuse('too_long', 'The draft is too large to keep.', 'Shorten it.');
  end if;
  insert into public.drafts as d (conversation_id, profile_id, body, attachments, updated_at)
  values (save_draft.conversation_id, auth.uid(), coalesce(save_draft.body, ''),
    coalesce(save_draft.attachments, '[]'), now())
  on conflict on constraint drafts_pkey do update
    set body = excluded.body, attachments = excluded.attachments, updated_at = now()
  returning * into saved;
  return to_jsonb(saved);
end $$;

-- Who the caller is, null for a login that is nobody here. Row security applies.
create function public.my_profile() returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p) from public.profiles p where p.id = (select auth.uid())
$$;

revoke all on function private.filled_template(text, jsonb) from public, anon, authenticated;
revoke all on function
  public.send_message(uuid, uuid, text, jsonb, uuid, jsonb), public.retry_message(uuid, uuid),
  public.settle_message(uuid, text), public.mark_read(uuid, uuid),
  public.save_draft(uuid, text, jsonb), public.my_profile()
  from public, anon, authenticated;
grant execute on function
  public.send_message(uuid, uuid, text, jsonb, uuid, jsonb), public.retry_message(uuid, uuid),
  public.settle_message(uuid, text), public.mark_read(uuid, uuid),
  public.save_draft(uuid, text, jsonb), public.my_profile()
  to authenticated;
