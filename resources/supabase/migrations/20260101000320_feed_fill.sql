-- Filling a desktop that has not seen an inbox yet: on the first pull every inbox of the person,
-- later each inbox they join. Runs a page at a time between the pages of changes.
--
-- Four walks, each by a key that cannot move under it:
--   heads        conversations newest first as they stood when the fill began (open ones, and those
--                of the last 30 days), each with its last 20 messages: the list is complete first;
--   jumped       those that got a newer message meanwhile and so moved above the first walk's key,
--                by id;
--   past         the rest of the last 30 days' messages, conversation by conversation, as in heads;
--   past_jumped  and of those that moved meanwhile.
-- Whatever changes while this runs comes through the feed, because the cursor's snapshot was taken
-- before the first of these reads.
--
-- Every walk is a range of an index that holds nothing but what is sent: not the conversations of
-- years ago, not the resolved ones.
create index conversations_unresolved on public.conversations
  (inbox_id, (coalesce(last_message_at, created_at)) desc, id desc) where status <> 'resolved';

-- `fill` at the beginning of a stage: above every key of the walks downwards, below every id of the
-- others.
create function private.fill_stage(fill jsonb, stage text) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return fill || jsonb_build_object('stage', stage, 'at', fill -> 'start', 'id', case
    when stage in ('heads', 'past') then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else '00000000-0000-0000-0000-000000000000' end);
end $$;

create function private.start_fill(inboxes uuid[]) returns jsonb
language sql stable set search_path = '' as $$
  select private.fill_stage(
    jsonb_build_object('inboxes', to_jsonb(inboxes), 'start', now()), 'heads')
$$;

-- The next `many` conversations of the stage's walk: {"threads", "fill" moved on}; `fill` is null
-- when these are the last.
create function private.fill_threads(fill jsonb, many integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  in_inboxes constant uuid[] := private.ids(fill, 'inboxes');
  start constant timestamptz := fill ->> 'start';
  since constant timestamptz := (fill ->> 'start')::timestamptz - interval '30 days';
  stage constant text := fill ->> 'stage';
  at_key constant timestamptz := fill ->> 'at';
  id_key constant uuid := fill ->> 'id';
  -- Where the open ones from before the last 30 days begin. One bound, not two: of two upper bounds
  -- an index scan may start from the higher one.
  old_at constant timestamptz := least(at_key, since);
  old_id constant uuid := case
    when at_key <= since then id_key else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end;
  threads uuid[];
  last_at timestamptz := start;
begin
  if stage in ('heads', 'past') then
    select array_agg(p.id order by p.activity desc, p.id desc), min(p.activity)
      into threads, last_at
      from (
        select c.* from unnest(in_inboxes) i (id)
         cross join lateral (
           (select c.id, coalesce(c.last_message_at, c.created_at) as activity
              from public.conversations c
             where c.inbox_id = i.id
               and (coalesce(c.last_message_at, c.created_at), c.id) < (at_key, id_key)
               and coalesce(c.last_message_at, c.created_at) > since
             order by coalesce(c.last_message_at, c.created_at) desc, c.id desc limit many)
           union all
           (select c.id, coalesce(c.last_message_at, c.created_at)
              from public.conversations c
             where stage = 'heads' and c.inbox_id = i.id and c.status <> 'resolved'
               and (coalesce(c.last_message_at, c.created_at), c.id) < (old_at, old_id)
             order by coalesce(c.last_message_at, c.created_at) desc, c.id desc limit many)) c
         order by c.activity desc, c.id desc limit many) p;
  else
    -- Few have moved, so they are found by when they did; walking all ids would pass every
    -- conversation there is.
    with moved as materialized (
      select c.id from unnest(in_inboxes) i (id)
        join public.conversations c
          on c.inbox_id = i.id and coalesce(c.last_message_at, c.created_at) >= start)
    select array_agg(p.id order by p.id) into threads
      from (select m.id from moved m where m.id > id_key order by m.id limit many) p;
  end if;
  return jsonb_build_object('threads', coalesce(to_jsonb(threads), '[]'), 'fill', case
    when cardinality(threads) = many
    then fill || jsonb_build_object('at', last_at, 'id', threads[many]) end);
end $$;

-- One step of `fill` worth about `budget` rows: {"wanted": …, "fill": what remains or null}.
create function private.fill_step(fill jsonb, budget integer, me uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  -- a conversation with its head weighs about 8 rows on average
  many constant integer := greatest(1, budget / 8);
  page jsonb;
begin
  if jsonb_array_length(fill -> 'inboxes') = 0 then
    return jsonb_build_object('wanted', '{}'::jsonb, 'fill', null);
  end if;
  if fill ->> 'stage' in ('past', 'past_jumped') then
    return private.fill_past(fill, budget);
  end if;
  page := private.fill_threads(fill, many);
  if jsonb_typeof(page -> 'fill') = 'null' then
    fill := private.fill_stage(
      fill, case fill ->> 'stage' when 'heads' then 'jumped' else 'past' end);
  else
    fill := page -> 'fill';
  end if;
  return jsonb_build_object(
    'wanted', private.thread_heads(private.ids(page, 'threads'), me), 'fill', fill);
end $$;

-- The walks through the past. When a conversation has more than fits, the walk stays above it, and
-- `thread`, `message_at` and `message` hold how far it was read.
create function private.fill_past(fill jsonb, budget integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  -- so that a page of many quiet conversations ends in time
  max_threads constant integer := 1000;
  since constant timestamptz := (fill ->> 'start')::timestamptz - interval '30 days';
  walk constant jsonb := private.fill_threads(fill, max_threads);
  threads constant uuid[] := array(
    select t.id::uuid
      from jsonb_array_elements_text(walk -> 'threads') with ordinality t (id, n) order by t.n);
  found uuid[] := '{}';
  page uuid[];
  reached timestamptz;
  head record;
begin
  for head in
    -- the last 20 came with the head
    select t.id as thread, t.n, m."timestamp" as at, m.id
      from unnest(threads) with ordinality t (id, n)
     cross join lateral (
       select m."timestamp", m.id from public.messages m where m.conversation_id = t.id
        order by m."timestamp" desc, m.id desc offset 19 limit 1) m
     order by t.n
  loop
    if head.thread = (fill ->> 'thread')::uuid then
      head.at := fill ->> 'message_at';
      head.id := fill ->> 'message';
    end if;
    select array_agg(o.id order by o.at desc, o.id desc), min(o.at)
      into page, reached
      from (
        select m.id, m."timestamp" as at from public.messages m
         where m.conversation_id = head.thread and m."timestamp" > since
           and (m."timestamp", m.id) < (head.at, head.id)
         order by m."timestamp" desc, m.id desc
         limit budget - cardinality(found)) o;
    found := found || coalesce(page, '{}');
    if cardinality(found) >= budget then
      if head.n > 1 then
        fill := fill || (
          select jsonb_build_object('at', coalesce(c.last_message_at, c.created_at), 'id', c.id)
            from public.conversations c where c.id = threads[head.n - 1]);
      end if;
      return jsonb_build_object(
        'wanted', jsonb_build_object('messages', to_jsonb(found)),
        'fill', fill || jsonb_build_object('thread', head.thread, 'message_at', reached,
                                           'message', page[cardinality(page)]));
    end if;
  end loop;
  if jsonb_typeof(walk -> 'fill') <> 'null' then
    fill := walk -> 'fill';
  elsif fill ->> 'stage' = 'past' then
    fill := private.fill_stage(fill, 'past_jumped');
  else
    fill := null;
  end if;
  return jsonb_build_object(
    'wanted', jsonb_build_object('messages', to_jsonb(found)),
    'fill', fill - 'thread' - 'message_at' - 'message');
end $$;

revoke all on function
  private.start_fill(uuid[]), private.fill_stage(jsonb, text), private.fill_threads(jsonb, integer),
  private.fill_step(jsonb, integer, uuid), private.fill_past(jsonb, integer)
  from public, anon, authenticated;
