-- The team's rules, part four: send later.
--
-- A message that is to leave later is a row like any other, with the status `scheduled`: everybody who
-- sees the conversation sees it, and may change it or take it back until it leaves. It has no job,
-- because a scheduled job would hold up all others of its conversation. A round looks every second
-- for rows whose time has come; then it is judged anew whether we may write to the customer, the row
-- goes to the end of the thread and into the queue, and the customer is answered.

create index messages_scheduled on public.messages (scheduled_at) where status = 'scheduled';

-- As before; but while `balas.send_at` names a moment, the rows are put down for then: no job, and
-- the customer still waits.
create or replace function private.queue_messages(
  thread public.conversations, parts jsonb, sender text, recipient text, answered uuid)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  send_at constant timestamptz := nullif(current_setting('balas.send_at', true), '');
  moment timestamptz := private.next_moment(thread.id);
  part jsonb;
begin
  for part in select p from jsonb_array_elements(parts) p loop
    insert into public.messages (id, conversation_id, direction, message_type, content, media,
      media_content_type, metadata, sent_by, "timestamp", from_number, to_number, status,
      scheduled_at, reply_to)
    values ((part ->> 'id')::uuid, thread.id, 'outbound', part ->> 'message_type',
      part ->> 'content', part -> 'media', part #>> '{media,0,content_type}', part -> 'metadata',
      auth.uid(), moment, sender, recipient,
      case when send_at is null then 'queued' else 'scheduled' end, send_at, answered);
    if send_at is null then
      -- The conversation is the lock, so replies of one conversation leave in order.
      perform private.enqueue('send_message', jsonb_build_object('message_id', part ->> 'id'),
        'conversation:' || thread.id, null, 'send');
    end if;
    moment := moment + interval '1 microsecond';
  end loop;
  if send_at is null then
    update public.conversations c
       set last_message_at = moment - interval '1 microsecond', waiting_since = null
     where c.id = thread.id;
  end if;
  return private.sent_messages(array(
    select (p ->> 'id')::uuid from jsonb_array_elements(parts) p));
end $$;

-- Refuses a moment at which nothing can leave: one that has passed, one more than a year away, and
-- for text on WhatsApp one after the window will have closed.
create function private.check_send_at(
  thread public.conversations, at timestamptz, is_template boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if at is null or at <= now() then
    perform private.refuse('bad_time', 'This time has passed already.', 'Choose a later one.');
  end if;
  if at > now() + interval '1 year' then
    perform private.refuse('bad_time', 'This is more than a year away.', 'Choose an earlier one.');
  end if;
  if not is_template
     and thread.last_inbound_at > clock_timestamp() - interval '24 hours'
     and thread.last_inbound_at <= at - interval '24 hours'
     and exists (select from public.inboxes i
                  where i.id = thread.inbox_id and i.channel = 'whatsapp') then
    perform private.refuse('window_closed',
      'By then, more than 24 hours will have passed since the customer wrote.',
      'Choose an earlier time, or a template.');
  end if;
end $$;

-- As send_message, at a later moment. Repeating is harmless; the same id answers with the rows it
-- made, whatever became of them since.
create function public.schedule_message(
  id uuid, conversation_id uuid, content text default null, media jsonb default '[]',
  reply_to uuid default null, template jsonb default null, at timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread constant public.conversations :=
    private.lock_my_conversation(schedule_message.conversation_id);
  made jsonb;
begin
  -- The repeat of a call may come after the moment it names.
  if not exists (select from public.messages m where m.id = schedule_message.id) then
    perform private.check_send_at(
      thread, schedule_message.at, coalesce(jsonb_typeof(template), 'null') <> 'null');
    perform set_config('balas.send_at', schedule_message.at::text, true);
  end if;
  made := public.send_message(schedule_message.id, schedule_message.conversation_id,
    schedule_message.content, schedule_message.media, schedule_message.reply_to,
    schedule_message.template);
  perform set_config('balas.send_at', '', true);
  return made;
end $$;

-- The rows of a scheduled message, locked with their conversation; refuses what has left already.
-- Rows that were taken back are named too where `canceled` says so.
create function private.lock_scheduled(
  message uuid, canceled boolean, out thread public.conversations, out ids uuid[])
language plpgsql security definer set search_path = '' as $$
declare
  first public.messages;
begin
  select * into first from public.messages m where m.id = message;
  thread := private.lock_my_conversation(first.conversation_id);
  perform from public.messages m where m.id = message for no key update;
  select array_agg(m.id) into ids from public.messages m
   where m.conversation_id = thread.id and m.direction = 'outbound' and m.scheduled_at is not null
     and (m.status = 'scheduled' or (lock_scheduled.canceled and m.status = 'canceled'))
     and m.id in (select case n when 0 then message else private.uuid5(message, n::text) end
                    from generate_series(0, 29) n);
  if ids is null or not message = any (ids) then
    perform private.refuse('not_scheduled', 'This message does not wait for its time any more.',
      'Look at the conversation.');
  end if;
end $$;

-- Changes when a scheduled message leaves, or its text; null keeps what is.
create function public.reschedule_message(
  id uuid, at timestamptz default null, content text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  held record;
  first public.messages;
  is_template boolean;
begin
  held := private.lock_scheduled(reschedule_message.id, false);
  select * into first from public.messages m where m.id = reschedule_message.id;
  is_template := coalesce(jsonb_typeof(first.metadata -> 'template'), 'null') <> 'null';
  if reschedule_message.at is not null and reschedule_message.at <> first.scheduled_at then
    perform private.check_send_at(held.thread, reschedule_message.at, is_template);
  end if;
  if reschedule_message.content is distinct from first.content
     and reschedule_message.content is not null then
    if is_template then
      perform private.refuse('bad_template', 'The text of a template cannot be changed.',
        'Take it back and choose the template again.');
    end if;
    if btrim(reschedule_message.content, E' \t\r\n') = '' and first.media = '[]' then
      perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
    end if;
    if char_length(reschedule_message.content) > 1600 then
      perform private.refuse('too_long', 'The text is longer than 1,600 characters.',
        'Shorten it.');
    end if;
  end if;
  update public.messages m
     set scheduled_at = coalesce(reschedule_message.at, m.scheduled_at),
         content = case when m.id = reschedule_message.id
           then coalesce(reschedule_message.content, m.content) else m.content end
   where m.id = any (held.ids)
     and (m.scheduled_at <> reschedule_message.at
          or (m.id = reschedule_message.id and m.content <> reschedule_message.content));
  return private.sent_messages(held.ids);
end $$;

-- Takes a scheduled message back, with its other files. Repeating is harmless.
create function public.cancel_scheduled(id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  held record;
begin
  held := private.lock_scheduled(cancel_scheduled.id, true);
  update public.messages m set status = 'canceled'
   where m.id = any (held.ids) and m.status = 'scheduled';
  return private.sent_messages(held.ids);
end $$;

-- What is due leaves; the worker calls this every second. What may not be sent any more fails in
-- words, in its place at the end of the thread. Returns how many rows that were.
create function private.release_scheduled() returns integer
language plpgsql set search_path = '' as $$
declare
  due record;
  thread public.conversations;
  message public.messages;
  way record;
  moment timestamptz;
  code text;
  words text;
  released integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:later', 0)) then
    return 0;
  end if;
  for due in
    select m.id, m.conversation_id from public.messages m
     where m.status = 'scheduled' and m.scheduled_at <= now()
     order by m.scheduled_at, m."timestamp", m.id limit 200
  loop
    -- Skip locked: somebody is changing the conversation, and the next second looks again.
    select * into thread from public.conversations c where c.id = due.conversation_id
       for no key update skip locked;
    continue when thread.id is null;
    select * into message from public.messages m
     where m.id = due.id and m.status = 'scheduled' and m.scheduled_at <= now()
       for no key update;
    continue when message.id is null;
    moment := private.next_moment(thread.id);
    released := released + 1;
    begin
      way := private.route(thread,
        coalesce(jsonb_typeof(message.metadata -> 'template'), 'null') <> 'null');
    exception when raise_exception then
      get stacked diagnostics code = message_text, words = pg_exception_detail;
      update public.messages m set status = 'failed', error_text = words, "timestamp" = moment
       where m.id = message.id;
      insert into public.events (conversation_id, kind, data, created_at)
      values (thread.id, 'schedule_failed', jsonb_build_object(
        'message_id', message.id, 'why', code), clock_timestamp());
      continue;
    end;
    update public.messages m
       set status = 'queued', "timestamp" = moment,
           from_number = way.sender, to_number = way.recipient
     where m.id = message.id;
    perform private.enqueue('send_message', jsonb_build_object('message_id', message.id),
      'conversation:' || thread.id, null, 'send');
    update public.conversations c set last_message_at = moment, waiting_since = null
     where c.id = thread.id;
  end loop;
  return released;
end $$;

revoke all on function
  private.queue_messages(public.conversations, jsonb, text, text, uuid),
  private.check_send_at(public.conversations, timestamptz, boolean),
  private.lock_scheduled(uuid, boolean), private.release_scheduled(),
  public.schedule_message(uuid, uuid, text, jsonb, uuid, jsonb, timestamptz),
  public.reschedule_message(uuid, timestamptz, text), public.cancel_scheduled(uuid)
  from public, anon, authenticated;
grant execute on function
  public.schedule_message(uuid, uuid, text, jsonb, uuid, jsonb, timestamptz),
  public.reschedule_message(uuid, timestamptz, text), public.cancel_scheduled(uuid)
  to authenticated;
