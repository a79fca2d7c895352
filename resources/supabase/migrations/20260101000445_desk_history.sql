-- Older pages of a thread bring the notes and events of the same stretch of time.
--
-- A first pull brings the last of them only (thread_heads), and what stands between older messages
-- must be there when somebody scrolls to them.

-- As before, and besides: "notes" and "events" from the oldest message of the page up to `before`;
-- with the last page everything older, too. A thousand of each at most, the newest: a thread that
-- has more of them between sixty messages was written by a program.
create or replace function public.messages_before(
  conversation_id uuid, before timestamptz, page_size integer default 60) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  most constant integer := 1000;
  until constant timestamptz := coalesce(before, 'infinity');
  page jsonb;
  oldest timestamptz;
  more boolean;
begin
  if not exists (select from public.conversations c
                  where c.id = messages_before.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  select coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp" desc, m.id desc), '[]'),
         min(m."timestamp")
    into page, oldest
    from (
      select * from public.messages m
       where m.conversation_id = messages_before.conversation_id and m."timestamp" < until
       order by m."timestamp" desc
       fetch first (least(greatest(coalesce(page_size, 60), 1), 500)) rows with ties) m;
  more := exists (
    select from public.messages m
     where m.conversation_id = messages_before.conversation_id and m."timestamp" < oldest);
  if not more then
    oldest := '-infinity';
  end if;
  return jsonb_build_object('messages', page, 'more', more,
    'notes', (
      select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at desc, n.id), '[]')
        from (select * from public.notes n
               where n.conversation_id = messages_before.conversation_id
                 and n.created_at >= oldest and n.created_at < until
               order by n.created_at desc limit most) n),
    'events', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at desc, e.id), '[]')
        from (select * from public.events e
               where e.conversation_id = messages_before.conversation_id
                 and e.created_at >= oldest and e.created_at < until
               order by e.created_at desc limit most) e));
end $$;
