-- Search on the server: every message and note that the caller may see, newest first.
--
-- What is searched lies beside the messages and not in an index on them. Such an index would be
-- written again with each tick of each reply, and row security would keep the planner from it: `@@`
-- is not leakproof, so it is asked only after the policies, which means of every row. Here a row is
-- written when a text is, and the function below looks at nothing but what its caller may see.

-- How text is compared: without case, accents and width (NFKD), words apart from each other by one
-- space. Digits and letters of every script are words, and so is each emoji; all other signs are
-- between words. Neither Indonesian nor English is stemmed: "kirim" and "dikirim" are found by
-- what was typed, and no dictionary takes "tidak" or "the" away. Our own splitting and not the text
-- search parser, which keeps "0812-3456", "a/b" and addresses together in ways nobody expects.
create function private.folded(content text) returns text
language sql immutable parallel safe set search_path = '' as $$
  select btrim(regexp_replace(
    case when octet_length(content) = char_length(content) then lower(content)
         else regexp_replace(
           lower(regexp_replace(normalize(content, NFKD), '[\u0300-\u036f]', '', 'g')),
           '([\u2190-\u2bff\U0001f000-\U0001faff])', ' \1 ', 'g') end,
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf'
    '\u00d7\u00f7\u2000-\u206f\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\ue000-\uf8ff\ufe00-\ufe0f'
    '\ufe30-\ufe4f\ufeff]+', ' ', 'g'))
$$;

-- The words of a text for the index, and of which inbox it is: "~" stands in no word. What is cut:
-- a word at 60 characters, a text at 20,000.
create function private.words_of(content text, inbox uuid) returns tsvector
language sql immutable parallel safe set search_path = '' as $$
  select array_to_tsvector(array(
    select distinct left(w, 60)
      from string_to_table(private.folded(left(content, 20000)), ' ') w where w <> '')
    || ('~' || inbox))
$$;

-- What of a message is searched: what was written, and the names of its files and places.
create function private.text_of(content text, media jsonb, metadata jsonb) returns text
language sql immutable parallel safe set search_path = '' as $$
  select concat_ws(' ', content,
    case when media <> '[]' then (
      select string_agg(f ->> 'name', ' ')
        from jsonb_array_elements(case jsonb_typeof(media) when 'array' then media else '[]' end) f)
    end,
    metadata #>> '{location,label}', metadata #>> '{location,address}')
$$;

create table private.searchable (
  id uuid primary key,
  conversation_id uuid not null,
  inbox_id uuid not null,
  at timestamptz not null,
  note boolean not null default false,
  words tsvector not null
);
comment on table private.searchable is
  'One row for each message and note that has words; inbox_id only says where to look, who may see '
  'it is asked of the conversation.';
revoke all on private.searchable from public, anon, authenticated;

create function private.note_searchable() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    delete from private.searchable s using old_rows o where s.id = o.id;
  elsif tg_table_name = 'messages' then
    insert into private.searchable (id, conversation_id, inbox_id, at, words)
    select n.id, c.id, c.inbox_id, n."timestamp", private.words_of(t.content, c.inbox_id)
      from new_rows n
      join public.conversations c on c.id = n.conversation_id
     cross join lateral (
       select private.text_of(n.content, n.media, n.metadata) as content offset 0) t
     where t.content <> '' and c.inbox_id is not null
    on conflict (id) do nothing;
  else
    insert into private.searchable (id, conversation_id, inbox_id, at, note, words)
    select n.id, c.id, c.inbox_id, n.created_at, true, private.words_of(n.body, c.inbox_id)
      from new_rows n join public.conversations c on c.id = n.conversation_id
     where c.inbox_id is not null
    on conflict (id) do nothing;
  end if;
  return null;
end $$;

-- A changed text: emptied by an erasure, edited before it leaves, its file named. Row by row with a
-- condition, so that a tick costs nothing here.
create function private.renew_searchable() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  inbox uuid;
  content text;
begin
  delete from private.searchable s where s.id = new.id;
  if tg_table_name = 'notes' then
    content := new.body;
  else
    content := private.text_of(new.content, new.media, new.metadata);
  end if;
  select c.inbox_id into inbox from public.conversations c where c.id = new.conversation_id;
  if inbox is not null and content <> '' then
    if tg_table_name = 'notes' then
      insert into private.searchable (id, conversation_id, inbox_id, at, note, words)
      values (new.id, new.conversation_id, inbox, new.created_at, true,
              private.words_of(content, inbox));
    else
      insert into private.searchable (id, conversation_id, inbox_id, at, words)
      values (new.id, new.conversation_id, inbox, new."timestamp", private.words_of(content, inbox));
    end if;
  end if;
  return null;
end $$;

-- A thread that moves to another inbox. Before: waits for messages that others are writing into it,
-- who hold its key, so that afterwards they are seen and moved, too.
create function private.hold_moving() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.conversations c where c.id = new.id for update;
  return new;
end $$;
create function private.move_searchable() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.inbox_id is null then
    delete from private.searchable s where s.conversation_id = new.id;
    return null;
  end if;
  update private.searchable s
     set inbox_id = new.inbox_id,
         words = ts_delete(s.words, '~' || s.inbox_id)
                 || array_to_tsvector(array['~' || new.inbox_id])
   where s.conversation_id = new.id;
  -- of the time when it was in none
  if old.inbox_id is null then
    perform private.refill_search(new.id);
  end if;
  return null;
end $$;

-- Adds what is missing: of one conversation or of all. For this migration, and for whoever filled
-- the tables with triggers off.
create function private.refill_search(conversation uuid default null) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  added bigint;
  also bigint;
begin
  insert into private.searchable (id, conversation_id, inbox_id, at, words)
  select m.id, c.id, c.inbox_id, m."timestamp", private.words_of(t.content, c.inbox_id)
    from public.messages m
    join public.conversations c on c.id = m.conversation_id
   cross join lateral (
     select private.text_of(m.content, m.media, m.metadata) as content offset 0) t
   where (conversation is null or m.conversation_id = conversation)
     and t.content <> '' and c.inbox_id is not null
   order by m."timestamp"
  on conflict (id) do nothing;
  get diagnostics added = row_count;
  insert into private.searchable (id, conversation_id, inbox_id, at, note, words)
  select n.id, c.id, c.inbox_id, n.created_at, true, private.words_of(n.body, c.inbox_id)
    from public.notes n join public.conversations c on c.id = n.conversation_id
   where (conversation is null or n.conversation_id = conversation) and c.inbox_id is not null
  on conflict (id) do nothing;
  get diagnostics also = row_count;
  return added + also;
end $$;

create trigger balas_search_insert after insert on public.messages
  referencing new table as new_rows for each statement
  execute function private.note_searchable();
create trigger balas_search_update after update on public.messages
  for each row when (
    (old.content, old.media, old.metadata -> 'location', old.conversation_id, old."timestamp")
      is distinct from
    (new.content, new.media, new.metadata -> 'location', new.conversation_id, new."timestamp"))
  execute function private.renew_searchable();
create trigger balas_search_delete after delete on public.messages
  referencing old table as old_rows for each statement
  execute function private.note_searchable();
create trigger balas_search_insert after insert on public.notes
  referencing new table as new_rows for each statement
  execute function private.note_searchable();
create trigger balas_search_update after update on public.notes
  for each row when ((old.body, old.conversation_id) is distinct from (new.body, new.conversation_id))
  execute function private.renew_searchable();
create trigger balas_search_delete after delete on public.notes
  referencing old table as old_rows for each statement
  execute function private.note_searchable();
create trigger balas_search_hold before update on public.conversations
  for each row when (old.inbox_id is distinct from new.inbox_id)
  execute function private.hold_moving();
create trigger balas_search_move after update on public.conversations
  for each row when (old.inbox_id is distinct from new.inbox_id)
  execute function private.move_searchable();

-- The triggers above hold off writers until this is committed, so nothing is left between.
select private.refill_search();
create index searchable_at on private.searchable (at desc, id desc);
create index searchable_conversation on private.searchable (conversation_id, at desc, id desc);
-- New words are gathered and put in their places together, which costs a fifth. Few of them only:
-- every search reads through what is gathered, and whoever fills it up puts it away.
create index searchable_words on private.searchable using gin (words)
  with (fastupdate = on, gin_pending_list_limit = 256);

-- What is asked for: every word of `query` as typed, the last one perhaps unfinished unless a
-- space follows. No sign has a meaning. Null when there is no word.
create function private.search_query(query text) returns tsquery
language sql immutable parallel safe set search_path = '' as $$
  with typed as (
    select left(w, 60) as w, n, max(n) over () as last
      from string_to_table(private.folded(left(query, 2000)), ' ') with ordinality t (w, n)
     where w <> ''),
  -- a page that was pasted is found by its first words and the one being typed
  wanted as (select w, n = last and right(query, 1) !~ '\s' as unfinished from typed
              where n <= 32 or n = last)
  -- quoted: a word has neither quote nor backslash in it, those are between words
  select string_agg(distinct '''' || w || '''' || case when unfinished then ':*' else '' end, ' & ')
         ::tsquery
    from wanted
$$;

-- {"messages", "notes": the hits; "conversations", "contacts": theirs; "more", "cursor": the next
-- page's `before`}. Newest first; of one time the larger id first.
--
-- A word that many have is found among the newest thousands, read in order until the page is
-- full. Where these do not fill it, few have it, and the index names them all. A conversation that
-- has no more than those is read and nothing else.
create function public.search_messages(
  query text, inbox_id uuid default null, conversation_id uuid default null,
  before jsonb default null, page_size integer default 50) returns jsonb
language plpgsql stable security definer set search_path = ''
set enable_seqscan = off set jit = off
as $$
declare
  nearby constant integer := 15000;
  most constant integer := least(greatest(coalesce(page_size, 50), 1), 100);
  mine uuid[] := array(select private.my_inboxes());
  all_of_them boolean;
  wanted tsquery := private.search_query(search_messages.query);
  until_at timestamptz := 'infinity';
  until_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  hits uuid[];
  found_threads uuid[];
  last_at timestamptz;
  last_id uuid;
  more boolean;
begin
  if search_messages.conversation_id is not null and not exists (
    select from public.conversations c
     where c.id = search_messages.conversation_id and c.inbox_id = any (mine)) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  if search_messages.inbox_id is not null then
    if search_messages.inbox_id <> all (mine) then
      perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
        'Ask an administrator for access.');
    end if;
    mine := array[search_messages.inbox_id];
  end if;
  if before is not null and jsonb_typeof(before) <> 'null' then
    begin
      until_at := (before ->> 'at')::timestamptz;
      until_id := (before ->> 'id')::uuid;
    exception when data_exception then
      until_at := null;
    end;
    if until_at is null or until_id is null then
      perform private.refuse('bad_cursor', 'This is not where a page ended.',
        'Search from the start.');
    end if;
  end if;

  if wanted is not null and cardinality(mine) > 0 then
    if search_messages.conversation_id is null then
      select array_agg(p.id order by p.at desc, p.id desc) into hits
        from (
          select s.id, s.at
            from (
              select s.id, s.at, s.inbox_id, s.words from private.searchable s
               where (s.at, s.id) < (until_at, until_id)
               order by s.at desc, s.id desc limit nearby) s
           where s.words @@ wanted and s.inbox_id = any (mine)
           order by s.at desc, s.id desc limit most + 1) p;
    else
      select array_agg(p.id order by p.at desc, p.id desc) into hits
        from (
          select s.id, s.at
            from (
              select s.id, s.at, s.words from private.searchable s
               where s.conversation_id = search_messages.conversation_id
                 and (s.at, s.id) < (until_at, until_id)
               order by s.at desc, s.id desc limit nearby) s
           where s.words @@ wanted
           order by s.at desc, s.id desc limit most + 1) p;
    end if;
    if coalesce(cardinality(hits), 0) <= most and exists (
      select from private.searchable s
       where s.conversation_id = search_messages.conversation_id
         and (s.at, s.id) < (until_at, until_id)
       order by s.at desc, s.id desc offset nearby limit 1) then
      select array_agg(p.id order by p.at desc, p.id desc) into hits
        from (
          select s.id, s.at from private.searchable s
           where s.words @@ wanted and s.conversation_id = search_messages.conversation_id
             and (s.at, s.id) < (until_at, until_id)
           order by s.at desc, s.id desc limit most + 1) p;
    elsif coalesce(cardinality(hits), 0) <= most and search_messages.conversation_id is null then
      -- Where somebody sees few of many inboxes, the index leaves the others out by itself.
      all_of_them := not exists (select from public.inboxes i where i.id <> all (mine));
      if not all_of_them then
        wanted := wanted && (
          select string_agg('''~' || i || '''', ' | ')::tsquery from unnest(mine) i);
      end if;
      with found as materialized (
        select s.id, s.at, s.inbox_id from private.searchable s where s.words @@ wanted)
      select array_agg(p.id order by p.at desc, p.id desc) into hits
        from (
          select f.id, f.at from found f
           where f.inbox_id = any (mine)
             and (f.at, f.id) < (until_at, until_id)
           order by f.at desc, f.id desc limit most + 1) p;
    end if;
  end if;

  more := coalesce(cardinality(hits), 0) > most;
  hits := coalesce(hits[1:most], '{}');
  select s.at, s.id into last_at, last_id from private.searchable s
   where s.id = hits[cardinality(hits)];
  -- whose inbox it is in is asked of the conversation itself
  found_threads := array(
    select distinct c.id from private.searchable s
      join public.conversations c on c.id = s.conversation_id
     where s.id = any (hits) and c.inbox_id = any (mine));
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp" desc, m.id desc), '[]')
        from public.messages m
       where m.id = any (hits) and m.conversation_id = any (found_threads)),
    'notes', (
      select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at desc, n.id desc), '[]')
        from public.notes n
       where n.id = any (hits) and n.conversation_id = any (found_threads)),
    'conversations', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
        from public.conversations c where c.id = any (found_threads)),
    'contacts', (
      select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
               select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
                 from public.contact_addresses a where a.contact_id = p.id))), '[]')
        from public.contacts p
       where p.id in (select c.contact_id from public.conversations c
                       where c.id = any (found_threads))),
    'more', more,
    'cursor', case when more then jsonb_build_object('at', last_at, 'id', last_id) end);
end $$;

revoke all on function
  private.folded(text), private.words_of(text, uuid), private.text_of(text, jsonb, jsonb),
  private.note_searchable(), private.renew_searchable(), private.hold_moving(),
  private.move_searchable(), private.refill_search(uuid), private.search_query(text),
  public.search_messages(text, uuid, uuid, jsonb, integer)
  from public, anon, authenticated;
grant execute on function public.search_messages(text, uuid, uuid, jsonb, integer)
  to authenticated;
