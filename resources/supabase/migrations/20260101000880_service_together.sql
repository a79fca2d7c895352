-- Taking in many messages at once. What `private.ingest` costs is mostly the same for one message
-- and for fifty: statements, triggers, a commit. So what comes at the same time shares them.
--
-- Nothing in here waits for anybody: whose customer or conversation another transaction holds just
-- now is left out, so one busy customer keeps nobody waiting and no two batches can deadlock. The
-- ordinary message, of a known customer in a known thread, is stored with all others of its kind;
-- whatever is different goes through `private.ingest`, one by one. If a single one cannot be
-- stored, none is, and the caller takes them one by one: each request has its own fate.
--
-- batch: an array of requests as `private.ingest` takes them, in the order of their arrival, each
-- with `body` (its bytes as latin-1 text), `headers`, `flagged` and `path` besides.
-- Returns an array of what `private.ingest` would have returned; null for one that was left out.
create function private.ingest_together(batch jsonb) returns jsonb
language plpgsql set search_path = ''
-- A batch is small and the tables are not, whatever statistics a plan was made with: always by index.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  free int[];       -- places whose addresses are ours alone
  ordinary int[];   -- of these, those of known customers
  their_threads uuid[];
  held uuid[];      -- conversations that we lock, and what they are now
  held_inboxes uuid[];
  held_statuses text[];
  reopened uuid[] := '{}';
  ruled uuid[];     -- inboxes whose messages get a job of their rules
  answers jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(batch)]);
  stored record;
  other record;
begin
  select array_agg(n) into free
    from (
      select e.n
        from jsonb_array_elements(batch) with ordinality e (item, n)
       cross join lateral jsonb_array_elements_text(e.item -> 'addresses') a (address)
       group by e.n
      having bool_and(pg_try_advisory_xact_lock(
        hashtextextended('balas:address:' || a.address, 0)))) t;

  with items as materialized (
    select n::int, sid, "from", "to", addresses, phone, profile_name, quoted_sid, opt_out
      from rows from (jsonb_to_recordset(batch) as (
        sid text, "from" text, "to" text, addresses text[], phone text, profile_name text,
        quoted_sid text, opt_out text)) with ordinality as t (
        sid, "from", "to", addresses, phone, profile_name, quoted_sid, opt_out, n)
     where n = any (free)
  ), known as (
    select i.n, a.contact_id, c.id as thread,
           i.opt_out is null
             and (coalesce(p.name, '') <> '' or i.profile_name is null)
             and (p.phone is not null or i.phone is null)
             and (cardinality(i.addresses) = 1 or not exists (
               select from unnest(i.addresses) x
                where not exists (select from public.contact_addresses y
                                   where y.address = x and y.contact_id = a.contact_id)))
             and m.id is null
             and not exists (select from items o where o.n < i.n and o.sid in (i.sid, i.quoted_sid))
             and c.id is not null as plain
      from items i
      join public.contact_addresses a on a.address = i."from"
      join public.contacts p on p.id = a.contact_id
      left join public.messages m on m.message_sid = i.sid
      left join public.inboxes b on b.address = i."to"
      left join public.conversations c
        on c.inbox_id = b.id and c.contact_id = a.contact_id and not c.adopted)
  select array_agg(k.n), array_agg(k.thread) into ordinary, their_threads
    from known k
   where k.plain
     -- never past an earlier message of the same customer that has to go the other way
     and not exists (select from known o
                      where o.contact_id = k.contact_id and o.n < k.n and not o.plain);

  select array_agg(id), array_agg(inbox_id), array_agg(status)
    into held, held_inboxes, held_statuses
    from (select c.id, c.inbox_id, c.status from public.conversations c
           where c.id = any (their_threads) for update skip locked) l;
  ruled := array(select i.id from public.inboxes i where i.id = any (held_inboxes) and i.has_rules);

  for stored in
    with places as materialized (
      select p.n, p.thread, h.inbox_id, h.status,
             -- the order of arrival, after all that the thread has
             greatest(clock_timestamp(), (
               select max(m."timestamp") + interval '1 microsecond' from public.messages m
                where m.conversation_id = p.thread))
             + (row_number() over (partition by p.thread order by p.n) - 1)
               * interval '1 microsecond' as moment,
             gen_random_uuid() as id
        from unnest(ordinary, their_threads) p (n, thread)
        join unnest(held, held_inboxes, held_statuses) h (id, inbox_id, status) on h.id = p.thread
    ), items as materialized (
      select p.*, t.sid, t."from", t."to", t.message_type, t.content, t.media, t.metadata,
             t.quoted_sid, t.body, t.headers, t.flagged, t.path
        from rows from (jsonb_to_recordset(batch) as (
          sid text, "from" text, "to" text, message_type text, content text, media jsonb,
          metadata jsonb, quoted_sid text, body text, headers jsonb, flagged text, path text))
          with ordinality as t (sid, "from", "to", message_type, content, media, metadata,
          quoted_sid, body, headers, flagged, path, n)
        join places p on p.n = t.n
    ), kept as (
      insert into public.messages (
        id, conversation_id, message_sid, direction, message_type, content, media_url,
        media_content_type, "timestamp", from_number, to_number, media, status, metadata, reply_to)
      select i.id, i.thread, i.sid, 'inbound', i.message_type, i.content, i.media #>> '{0,url}',
             i.media #>> '{0,content_type}', i.moment, i."from", i."to", i.media, 'received',
             i.metadata,
             case when i.quoted_sid is not null then (
               select q.id from public.messages q
                where q.message_sid = i.quoted_sid and q.conversation_id = i.thread) end
        from items i order by i.n
      on conflict (message_sid) do nothing
      returning id, conversation_id, "timestamp"
    ), raw as (
      insert into private.webhook_requests
        (id, path, headers, body, parameters, flagged, message_id)
      select encode(substr(sha256(convert_to(i.path, 'UTF8') || convert_to(i.body, 'LATIN1')),
                           1, 16), 'hex')::uuid,
             i.path, i.headers, convert_to(i.body, 'LATIN1'), i.metadata -> 'raw', i.flagged, i.id
        from items i join kept k on k.id = i.id
      on conflict do nothing
    ), moved as (
      update public.conversations c
         set status = 'open',
             snoozed_until = null,
             last_message_at = k.latest,
             last_inbound_at = greatest(c.last_inbound_at, k.latest),
             waiting_since = coalesce(c.waiting_since, k.earliest)
        from (select conversation_id, min("timestamp") as earliest, max("timestamp") as latest
                from kept group by conversation_id) k
       where c.id = k.conversation_id)
    select i.n, i.thread, i.inbox_id, i.status, i.media, k.id
      from items i left join kept k on k.id = i.id
  loop
    if stored.id is null then  -- stored meanwhile by a way that takes no address lock
      answers[stored.n] := '{"duplicate": true}';
      continue;
    end if;
    answers[stored.n] := jsonb_build_object('message_id', stored.id,
      'conversation_id', stored.thread, 'inbox_id', stored.inbox_id);
    if stored.status <> 'open' and stored.thread <> all (reopened) then
      reopened := reopened || stored.thread;
      insert into public.events (conversation_id, kind, data)
      values (stored.thread, 'reopened',
              jsonb_build_object('by', 'customer', 'was', stored.status));
    end if;
    if jsonb_array_length(stored.media) > 0 then
      perform private.enqueue(
        'copy_media', jsonb_build_object('message_id', stored.id), queue => 'media');
    end if;
    if stored.inbox_id = any (ruled) then
      perform private.enqueue(
        'run_rules', jsonb_build_object('message_id', stored.id), queue => 'rules');
    end if;
  end loop;

  for other in
    select e.n, e.item from jsonb_array_elements(batch) with ordinality e (item, n)
     where e.n = any (free) and e.n <> all (coalesce(ordinary, '{}')) order by e.n
  loop
    answers[other.n] := private.ingest(
      other.item - '{body,headers,flagged,path}'::text[],
      convert_to(other.item ->> 'body', 'LATIN1'), other.item -> 'headers',
      other.item ->> 'flagged', other.item ->> 'path');
  end loop;
  return to_jsonb(answers);
end
$$;

-- Ticks that came at the same time: callbacks that say only how far a message got. Nothing in here
-- waits for anybody, either. What is ours alone just now, known by its SID and plain, moves on in one
-- statement; everything else is left to `private.apply_status`.
--
-- batch: an array of reports as that takes them. Returns an array of 'applied', 'unchanged' or null.
create function private.apply_statuses(batch jsonb) returns jsonb
language plpgsql set search_path = ''
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  answers text[] := array_fill(null::text, array[jsonb_array_length(batch)]);
  places int[];
  found_messages uuid[];
  was text[];
begin
  -- While it is tried whether the account works again, each callback counts.
  if exists (select from public.service_state s where s.part = 'sending' and s.state = 'trying') then
    return to_jsonb(answers);
  end if;

  with told as materialized (
    select n::int, sid, attempt_id
      from rows from (jsonb_to_recordset(batch) as (
        sid text, attempt_id uuid, error_code int, error_text text, said text)) with ordinality as t (
        sid, attempt_id, error_code, error_text, said, n)
     where coalesce(error_code::text, error_text, said) is null
       and pg_try_advisory_xact_lock(hashtextextended('balas:sid:' || sid, 0))
  ), locked as materialized (
    select t.n, t.sid, t.attempt_id, m.id, m.status
      from told t join public.messages m on m.message_sid = t.sid
     where m.direction = 'outbound'
       for no key update of m skip locked)
  select array_agg(l.n), array_agg(l.id), array_agg(l.status) into places, found_messages, was
    from locked l
   -- that tells the attempt nothing new
   where not exists (
     select from public.delivery_attempts a
      where a.message_id = l.id and (a.id = l.attempt_id or a.sid = l.sid)
        and (a.sid is null or a.outcome = 'uncertain'));

  with told as materialized (
    select p.n, p.id, p.was, batch -> (p.n - 1) ->> 'status' as status
      from unnest(places, found_messages, was) p (n, id, was)
  ), moved as (
    update public.messages m set status = f.status
      from (select distinct on (t.id) t.id, t.status from told t
             order by t.id, private.status_rank(t.status) desc) f
     where m.id = f.id and private.status_rank(f.status) > private.status_rank(m.status))
  select array_agg(
           case when t.n is null then null
                when private.status_rank(t.status) > private.status_rank(t.was) then 'applied'
                else 'unchanged' end order by e.n)
    into answers
    from generate_series(1, jsonb_array_length(batch)) e (n) left join told t on t.n = e.n;
  return to_jsonb(answers);
end
$$;

revoke all on function private.ingest_together(jsonb), private.apply_statuses(jsonb)
  from public, anon, authenticated;
