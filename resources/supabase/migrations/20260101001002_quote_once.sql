-- Of several messages that one reply makes, the first alone quotes what it answers.
--
-- The others follow it at once. A quote on each of them said the same three times over, and parted
-- pictures that the window shows as one.
create or replace function private.queue_messages(
  thread public.conversations, parts jsonb, sender text, recipient text, answered uuid
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  send_at constant timestamptz := nullif(current_setting('balas.send_at', true), '');
  moment timestamptz := private.next_moment(thread.id);
  part jsonb;
  place bigint;
begin
  for part, place in select p, n from jsonb_array_elements(parts) with ordinality e (p, n)
                      order by n loop
    insert into public.messages (id, conversation_id, direction, message_type, content, media,
      media_content_type, metadata, sent_by, "timestamp", from_number, to_number, status,
      scheduled_at, reply_to)
    values ((part ->> 'id')::uuid, thread.id, 'outbound', part ->> 'message_type',
      part ->> 'content', part -> 'media', part #>> '{media,0,content_type}', part -> 'metadata',
      auth.uid(), moment, sender, recipient,
      case when send_at is null then 'queued' else 'scheduled' end, send_at,
      case when place = 1 then answered end);
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
