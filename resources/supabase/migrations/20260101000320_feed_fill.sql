-- Filling a desktop that has not seen an inbox yet: on the first pull every inbox of the person,
-- later each inbox they join. Runs a page at a time between the pages of changes.
--
-- Three walks, each by a key that cannot move under it:
--   heads   conversations newest first as they stood when the fill began (open ones, and those of
--           the last 30 days), each with its last 20 messages: the list is complete first;
--   jumped  those that got a newer message meanwhile and so moved above the first walk's key,
--           by id;
--   past    the rest of the last 30 days' messages, conversation by conversation, by id.
-- Whatever changes while this runs comes through the feed, because the cursor's snapshot was taken
-- before the first of these reads.

create function private.start_fill(inboxes uuid[]) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('inboxes', to_jsonb(inboxes), 'stage', 'heads',
    'start', now(), 'at', now(), 'id', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
$$;

-- One step of `fill` worth about `budget` rows: {"wanted": …, "fill": what remains or null}.
create function private.fill_step(fill jsonb, budget integer, me uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  in_inboxes constant uuid[] := private.ids(fill, 'inboxes');
  start constant timestamptz := fill ->> 'start';
  since constant timestamptz := (fill ->> 'start')::timestamptz - interval '30 days';
  -- a conversation with its head weighs about 8 rows on average
  many constant integer := greatest(1, budget / 8);
  threads uuid[];
  last_at timestamptz;
begin
  if cardinality(in_inboxes) = 0 then
    return jsonb_build_object('wanted', '{}'::jsonb, 'fill', null);
  end if;

  if fill ->> 'stage' = 'heads' then
    select array_agg(id order by activity desc, id desc), min(activity)
      into threads, last_at
      from (
        select c.id, c.activity from unnest(in_inboxes) i (id)
         cross join lateral (
           select id, coalesce(last_message_at, created_at) as activity
             from public.conversations
            where inbox_id = i.id
              and (coalesce(last_message_at, created_at), id)
                < ((fill ->> 'at')::timestamptz, (fill ->> 'id')::uuid)
              and (status <> 'resolved' or coalesce(last_message_at, created_at) > since)
            order by coalesce(last_message_at, created_at) desc, id desc
            limit many) c
         order by c.activity desc, c.id desc
         limit many) page;
    fill := fill || case when coalesce(cardinality(threads), 0) < many
      then jsonb_build_object('stage', 'jumped', 'id', '00000000-0000-0000-0000-000000000000')
      else jsonb_build_object('at', last_at, 'id', threads[cardinality(threads)]) end;
    return jsonb_build_object(
      'wanted', private.thread_heads(coalesce(threads, '{}'), me), 'fill', fill);
  end if;

  if fill ->> 'stage' = 'jumped' then
    select array_agg(id order by id) into threads
      from (
        select id from public.conversations
         where inbox_id = any (in_inboxes)
           and coalesce(last_message_at, created_at) >= start
           and id > (fill ->> 'id')::uuid
         order by id limit many) page;
    fill := fill || case when coalesce(cardinality(threads), 0) < many
      then jsonb_build_object('stage', 'past', 'at', null,
        'id', '00000000-0000-0000-0000-000000000000')
      else jsonb_build_object('id', threads[cardinality(threads)]) end;
    return jsonb_build_object(
      'wanted', private.thread_heads(coalesce(threads, '{}'), me), 'fill', fill);
  end if;

  return private.fill_past(fill, in_inboxes, since, budget);
end $$;

-- The third walk. `id` is the conversation reached; `at` and `message` the message reached in it,
-- null when that conversation is done.
create function private.fill_past(fill jsonb, inboxes uuid[], since timestamptz, budget integer)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  -- so that a page of many quiet conversations ends in time
  max_threads constant integer := 2000;
  reached uuid := fill ->> 'id';
  key_at timestamptz := fill ->> 'at';
  key_id uuid := fill ->> 'message';
  found uuid[] := '{}';
  page uuid[];
  thread uuid;
  seen integer := 0;
begin
  for thread in
    select c.id from public.conversations c
     where c.inbox_id = any (inboxes)
       and coalesce(c.last_message_at, c.created_at) > since
       and (c.id > reached or (c.id = reached and key_at is not null))
     order by c.id limit max_threads
  loop
    seen := seen + 1;
    if thread <> reached or key_at is null then
      -- the last 20 came with the head
      select m."timestamp", m.id into key_at, key_id
        from public.messages m where m.conversation_id = thread
       order by m."timestamp" desc, m.id desc offset 19 limit 1;
    end if;
    reached := thread;
    continue when key_at is null;
    select array_agg(id order by at desc, id desc), min(at)
      into page, key_at
      from (
        select m.id, m."timestamp" as at from public.messages m
         where m.conversation_id = thread and m."timestamp" > since
           and (m."timestamp", m.id) < (key_at, key_id)
         order by m."timestamp" desc, m.id desc
         limit budget - cardinality(found)) older;
    found := found || coalesce(page, '{}');
    if cardinality(found) >= budget then
      key_id := page[cardinality(page)];
      return jsonb_build_object(
        'wanted', jsonb_build_object('messages', to_jsonb(found)),
        'fill', fill || jsonb_build_object('id', reached, 'at', key_at, 'message', key_id));
    end if;
    key_at := null;
  end loop;
  return jsonb_build_object(
    'wanted', jsonb_build_object('messages', to_jsonb(found)),
    'fill', case when seen < max_threads then null
      else fill || jsonb_build_object('id', reached, 'at', null) end);
end $$;

revoke all on function
  private.start_fill(uuid[]), private.fill_step(jsonb, integer, uuid),
  private.fill_past(jsonb, uuid[], timestamptz, integer)
  from public, anon, authenticated;
