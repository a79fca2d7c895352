-- A search that reads little more than the page it answers, however many have the word.
--
-- Two ways lead to the newest messages with a word: in order of time, which is quick when many have
-- it, and by the index of words, which is quick when few have it, for it names them all. In between
-- both were slow: of 1,000,000 messages thousands were read. So the index now also knows of which
-- days a text is, and is asked for some days at a time. How many is guessed from how often the word
-- was met just before.

-- The day, the eight days and the 64 days that hold this moment, each by a number of its own.
create function private.spans_of(at timestamptz) returns integer[]
language sql immutable parallel safe set search_path = '' as $$
  select case when d is null then '{}'
              else array[d << 2, (d >> 3 << 2) + 1, (d >> 6 << 2) + 2] end
    from (select case when isfinite(at) then floor(extract(epoch from
                   at - timestamptz '2000-01-01 00:00:00+00') / 86400)::integer end) days (d)
$$;

-- Few new words are gathered, as before: every search reads through what is gathered.
create index searchable_words_days on private.searchable
  using gin (words, private.spans_of(at)) with (fastupdate = on, gin_pending_list_limit = 256);
drop index private.searchable_words;
alter index private.searchable_words_days rename to searchable_words;

-- The words that the index is asked for: those of `search_query`, but where there are others not an
-- unfinished one of a letter or two, with which too many begin. It is looked for in what is found.
create function private.search_start(query text) returns tsquery
language sql immutable parallel safe set search_path = '' as $$
  select private.search_query(
           case when right(query, 1) ~ '\s' or cardinality(string_to_array(words, ' ')) > 32
                then query else regexp_replace(words, ' [a-z0-9]{1,2}$', ' ') end)
    from (select private.folded(left(query, 2000))) typed (words)
$$;

-- {"messages", "notes": the hits; "conversations", "contacts": theirs; "more", "cursor": the next
-- page's `before`}. Newest first; of one time the larger id first.
create or replace function public.search_messages(
  query text, inbox_id uuid default null, conversation_id uuid default null,
  before jsonb default null, page_size integer default 50) returns jsonb
language plpgsql stable security definer set search_path = ''
set enable_seqscan = off set jit = off
as $$
declare
  nearby constant integer := 2000;
  day constant integer := 86400;  -- seconds
  most constant integer := least(greatest(coalesce(page_size, 50), 1), 100);
  mine uuid[] := array(select private.my_inboxes());
  wanted constant tsquery := private.search_query(search_messages.query);
  asked tsquery;
  until_at timestamptz := 'infinity';
  until_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  hits uuid[] := '{}';
  newest timestamptz;
  -- what was looked through last: seconds and hits; then how many seconds would fill the page
  width double precision;
  met integer;
  enough double precision;
  moment timestamptz;
  level integer;
  span integer;
  since timestamptz;
  also uuid[];
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
    -- The newest in order, until the page is full.
    if search_messages.conversation_id is null then
      hits := array(
        select s.id
          from (
            select s.id, s.at, s.inbox_id, s.words from private.searchable s
             where (s.at, s.id) < (until_at, until_id)
             order by s.at desc, s.id desc limit nearby) s
         where s.words @@ wanted and s.inbox_id = any (mine)
         order by s.at desc, s.id desc limit most + 1);
    else
      hits := array(
        select s.id
          from (
            select s.id, s.at, s.inbox_id, s.words from private.searchable s
             where s.conversation_id = search_messages.conversation_id
               and (s.at, s.id) < (until_at, until_id)
             order by s.at desc, s.id desc limit nearby) s
         where s.words @@ wanted and s.inbox_id = any (mine)
         order by s.at desc, s.id desc limit most + 1);
    end if;
    met := cardinality(hits);
    if met <= most then  -- where they end; nowhere when these were all
      if search_messages.conversation_id is null then
        select s.at into newest from private.searchable s
         where (s.at, s.id) < (until_at, until_id)
         order by s.at desc, s.id desc limit 1;
        select s.at, s.id into until_at, until_id from private.searchable s
         where (s.at, s.id) < (until_at, until_id)
         order by s.at desc, s.id desc offset nearby - 1 limit 1;
      else
        select s.at into newest from private.searchable s
         where s.conversation_id = search_messages.conversation_id
           and (s.at, s.id) < (until_at, until_id)
         order by s.at desc, s.id desc limit 1;
        select s.at, s.id into until_at, until_id from private.searchable s
         where s.conversation_id = search_messages.conversation_id
           and (s.at, s.id) < (until_at, until_id)
         order by s.at desc, s.id desc offset nearby - 1 limit 1;
      end if;
    end if;
    if met <= most and until_at is not null then
      width := case when isfinite(newest) and isfinite(until_at)
                    then extract(epoch from newest - until_at) else 0 end;
      asked := private.search_start(search_messages.query);
      -- Where somebody sees few of many inboxes, the index leaves the others out by itself.
      if exists (select from public.inboxes i where i.id <> all (mine)) then
        asked := asked && (
          select string_agg('''~' || i || '''', ' | ')::tsquery from unnest(mine) i);
      end if;
    end if;
    while asked is not null and cardinality(hits) <= most loop
      enough := width * (most + 1 - cardinality(hits)) / greatest(met, 0.5);
      level := case when until_at not between '0001-01-01' and '9999-12-31' then null
                    when enough < 2 * day then 0
                    when enough < 16 * day then 1
                    when enough < 128 * day then 2 end;
      if level is null then  -- all that is left
        with found as materialized (
          select s.id, s.at, s.inbox_id, s.conversation_id from private.searchable s
           where s.words @@ asked and (s.words @@ wanted) is true)
        select array(
          select f.id from found f
           where f.inbox_id = any (mine) and (f.at, f.id) < (until_at, until_id)
             and (search_messages.conversation_id is null
                  or f.conversation_id = search_messages.conversation_id)
           order by f.at desc, f.id desc limit most + 1 - cardinality(hits)) into also;
      else
        -- the nil id is that of nobody: what comes before it is of an earlier moment
        moment := until_at - case when until_id = '00000000-0000-0000-0000-000000000000'
                                  then interval '1 microsecond' else interval '0' end;
        span := (private.spans_of(moment))[level + 1];
        since := timestamptz '2000-01-01 00:00:00+00'
                 + ((span >> 2) << (3 * level)) * interval '24 hours';
        with found as materialized (
          select s.id, s.at, s.inbox_id, s.conversation_id from private.searchable s
           where private.spans_of(s.at) @> array[span]
             and s.words @@ asked and (s.words @@ wanted) is true)
        select array(
          select f.id from found f
           where f.inbox_id = any (mine) and (f.at, f.id) < (until_at, until_id)
             and (search_messages.conversation_id is null
                  or f.conversation_id = search_messages.conversation_id)
           order by f.at desc, f.id desc limit most + 1 - cardinality(hits)) into also;
        width := extract(epoch from until_at - since);
        until_at := since;
        until_id := '00000000-0000-0000-0000-000000000000';
      end if;
      hits := hits || also;
      met := cardinality(also);
      exit when level is null;
    end loop;
  end if;

  more := cardinality(hits) > most;
  hits := hits[1:most];
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

revoke all on function private.spans_of(timestamptz), private.search_start(text)
  from public, anon, authenticated;
