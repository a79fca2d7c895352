-- What the service calls, part eight: files that do not come at once.

-- How often the copy of a file was tried in vain, and since when.
create table private.media_tries (
  message_id uuid not null references public.messages (id) on delete cascade,
  index integer not null,
  tries integer not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (message_id, index)
);
alter table private.media_tries enable row level security;

-- One more try in vain, for the reason `code`: {"tries", "seconds" since the first}. The reason
-- stands in the element of the file, which stays pending; written only when it changes.
create function private.media_tried(message_id uuid, index integer, code text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  tried private.media_tries;
begin
  insert into private.media_tries as t (message_id, index)
  values (media_tried.message_id, media_tried.index)
  on conflict on constraint media_tries_pkey do update
    set tries = t.tries + 1, last_at = clock_timestamp()
  returning t.* into tried;
  update public.messages m
     set media = jsonb_set(m.media, array[media_tried.index::text, 'error'], to_jsonb(code))
   where m.id = media_tried.message_id
     and m.media #>> array[media_tried.index::text, 'state'] = 'pending'
     and m.media #>> array[media_tried.index::text, 'error'] is distinct from code;
  return jsonb_build_object(
    'tries', tried.tries, 'seconds', extract(epoch from clock_timestamp() - tried.first_at));
end
$$;

-- For the button on a file that is not here: tries the lost files of a message anew, from now on as
-- patiently as the first time, and those that still wait at once. Files at unsafe addresses and
-- those that are too large stay lost. Answers as send_message does.
create function public.retry_media(message_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  message public.messages;
begin
  select m.* into message
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.id = retry_media.message_id and c.inbox_id in (select private.my_inboxes())
     for update of m;
  if message.id is null then
    perform private.refuse('not_found', 'There is no such message, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  if not exists (
    select from jsonb_array_elements(message.media) f
     where f ->> 'state' = 'pending' and f ->> 'url' is not null
        or f ->> 'state' = 'failed' and f ->> 'url' is not null
           and f ->> 'error' in ('not_found', 'refused', 'unreachable', 'too_slow', 'cut_off',
                                 'empty', 'redirect_loop', 'storage')) then
    perform private.refuse('not_failed', 'There is no file to fetch again.');
  end if;
  delete from private.media_tries t where t.message_id = message.id;
  update public.messages m
     set media = (
       select jsonb_agg(case
                when f ->> 'state' = 'failed' and f ->> 'url' is not null
                     and f ->> 'error' in ('not_found', 'refused', 'unreachable', 'too_slow',
                                           'cut_off', 'empty', 'redirect_loop', 'storage')
                  then f || '{"state": "pending", "error": null}'
                else f end order by n)
         from jsonb_array_elements(m.media) with ordinality e (f, n))
   where m.id = message.id;
  perform private.enqueue(
    'copy_media', jsonb_build_object('message_id', message.id), queue => 'media',
    queueing_lock => 'copy_media:' || message.id);
  return private.sent_messages(array[message.id]);
end
$$;

revoke all on private.media_tries from public, anon, authenticated;
revoke all on function
  private.media_tried(uuid, integer, text), public.retry_media(uuid)
from public, anon, authenticated;
grant execute on function public.retry_media(uuid) to authenticated, service_role;
