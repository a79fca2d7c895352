-- What the migrations make of an empty project. Written by `balas migrate --snapshot`; do not edit.
-- The queue's tables in schema jobs come from the installed procrastinate and are not shown.

CREATE SCHEMA private;

COMMENT ON SCHEMA private IS 'Internals of Balas. Never exposed through the API.';

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE FUNCTION private.absorb_kicks(conversations uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  if to_regclass('jobs.procrastinate_jobs') is null then
    return;
  end if;
  delete from jobs.procrastinate_jobs where id in (
    select j.id from jobs.procrastinate_jobs j
     where j.lock in (select 'conversation:' || c from unnest(conversations) c)
       and j.status = 'todo' and j.task_name = 'send_message'
       for update skip locked);
end
$$;

CREATE FUNCTION private.adopt_addresses(from_table text, from_column text, channel text DEFAULT 'whatsapp'::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  thread record;
  address text;
  taken integer := 0;
  unreadable integer := 0;
  resume text[];
begin
  if from_table not in ('conversations', 'messages') then
    raise exception 'numbers are taken from conversations or messages';
  end if;
  resume := private.pause_triggers(false);
  for thread in execute format($q$
    select c.id, %1$s as value
      from public.conversations c
     where exists (select from public.messages m where m.conversation_id = c.id
                      and (m.direction = 'inbound' and m.from_number is null
                           or m.direction = 'outbound' and m.to_number is null))
        or not exists (select from public.contact_addresses a where a.contact_id = c.contact_id)
     order by c.id
  $q$, case from_table when 'conversations' then format('c.%I::text', from_column)
       else format('(select m.%1$I::text from public.messages m where m.conversation_id = c.id
                      and nullif(btrim(m.%1$I::text), %2$L) is not null
                    order by m."timestamp" desc limit 1)', from_column, '') end)
  loop
    continue when coalesce(btrim(thread.value), '') = '';
    address := private.normal_address(thread.value, channel);
    if address is null then
      unreadable := unreadable + 1;
      continue;
    end if;
    perform private.give_address(thread.id, address);
    update public.messages m
       set from_number = case m.direction when 'inbound'
             then coalesce(m.from_number, address) else m.from_number end,
           to_number = case m.direction when 'outbound'
             then coalesce(m.to_number, address) else m.to_number end
     where m.conversation_id = thread.id
       and (m.direction = 'inbound' and m.from_number is null
            or m.direction = 'outbound' and m.to_number is null);
    taken := taken + 1;
  end loop;
  perform private.resume_triggers(resume);
  return jsonb_build_object('taken', taken, 'unreadable', unreadable);
end $_$;

CREATE FUNCTION private.adopt_late_conversation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  new.adopted := true;
  if new.inbox_id is null then
    insert into public.inboxes (name, channel, adopted) values ('adopted', 'whatsapp', true)
      on conflict do nothing;
    select id into new.inbox_id from public.inboxes where adopted;
  end if;
  if new.contact_id is null then
    insert into public.contacts (name) values ('Adopted conversation ' || left(new.id::text, 8))
      returning id into new.contact_id;
  end if;
  return new;
end $$;

CREATE FUNCTION private.advance_message(message_id uuid, report jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  code int := (report ->> 'error_code')::int;
  words text := report ->> 'error_text';
begin
  update public.messages m
     set status = case when private.status_rank(report ->> 'status')
                            > private.status_rank(m.status)
                       then report ->> 'status' else m.status end,
         error_code = coalesce(m.error_code, code),
         error_text = coalesce(m.error_text, words)
   where m.id = advance_message.message_id
     and m.direction = 'outbound'
     and (private.status_rank(report ->> 'status') > private.status_rank(m.status)
          or (m.error_code is null and code is not null)
          or (m.error_text is null and words is not null));
  return found;
end
$$;

CREATE FUNCTION private.apply_status(report jsonb) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  reported_sid text := report ->> 'sid';
  attempt uuid := (report ->> 'attempt_id')::uuid;
  message uuid;
  changed boolean;
begin
  -- The worker that records the SID waits here too, so that neither misses the other.
  perform pg_advisory_xact_lock(hashtextextended('balas:sid:' || reported_sid, 0));
  select m.id into message from public.messages m where m.message_sid = reported_sid;
  if message is null and attempt is not null then
    update public.messages m
       set message_sid = reported_sid
      from public.delivery_attempts a
     where a.id = attempt and m.id = a.message_id and m.message_sid is null
    returning m.id into message;
  end if;
  if message is null then
    insert into private.early_statuses (sid, report) values (reported_sid, report);
    return 'kept';
  end if;

  changed := private.advance_message(message, report);
  if changed then
    perform private.note_for_queue(message, report);
  end if;
  -- Most callbacks tell the attempt nothing new; an update of no rows still runs the triggers.
  if exists (
    select from public.delivery_attempts a
     where a.message_id = message and (a.id = attempt or a.sid = reported_sid)
       and (a.sid is null or a.outcome = 'uncertain'
            or (a.error_code is null and report ->> 'error_code' is not null)))
  then
    update public.delivery_attempts a
       set sid = coalesce(a.sid, reported_sid),
           outcome = case a.outcome when 'uncertain' then 'settled' else a.outcome end,
           finished_at = coalesce(
             a.finished_at, case a.outcome when 'uncertain' then now() end),
           error_code = coalesce(a.error_code, (report ->> 'error_code')::int),
           words = coalesce(a.words, report ->> 'said', report ->> 'error_text')
     where a.message_id = message
       and (a.id = attempt or a.sid = reported_sid)
       and (a.sid is null or a.outcome = 'uncertain'
            or (a.error_code is null and report ->> 'error_code' is not null));
  end if;
  return case when changed then 'applied' else 'unchanged' end;
end
$$;

CREATE FUNCTION private.apply_statuses(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

CREATE FUNCTION private.audit(action text, subject_type text, subject uuid, data jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (auth.uid(), action, subject_type, subject::text, jsonb_strip_nulls(data))
$$;

CREATE FUNCTION private.begin_call(attempt_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform from public.messages m
    join public.delivery_attempts a on a.message_id = m.id
   where a.id = begin_call.attempt_id and m.attempt_id = a.id and m.status = 'sending'
     for no key update of m;
  if not found then
    return false;
  end if;
  update public.delivery_attempts a set called_at = clock_timestamp()
   where a.id = begin_call.attempt_id and a.outcome = 'calling';
  return found;
end
$$;

CREATE FUNCTION private.changed_thread(conversation uuid, event uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'conversations', (select coalesce(jsonb_agg(to_jsonb(c)), '[]')
                        from public.conversations c where c.id = conversation),
    'events', (select coalesce(jsonb_agg(to_jsonb(e)), '[]')
                 from public.events e where e.id = event))
$$;

CREATE FUNCTION private.checked_canned_files(files jsonb, reply uuid) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
declare
  file jsonb;
  stored jsonb := '[]';
begin
  if files is null or jsonb_typeof(files) = 'null' then
    return stored;
  end if;
  if jsonb_typeof(files) <> 'array' then
    perform private.refuse('bad_media', 'The files are not a list.', 'Attach the files again.');
  end if;
  if jsonb_array_length(files) > 10 then
    perform private.refuse('too_many_files', 'A canned reply carries at most 10 files.',
      'Remove some.');
  end if;
  for file in select f from jsonb_array_elements(files) f loop
    if jsonb_typeof(file) <> 'object'
       or coalesce(file ->> 'path', '') not like 'canned/' || reply || '/_%'
       or file ->> 'path' ~ '(^|/)\.{1,2}(/|$)|//|\\'
       or coalesce(file ->> 'name', '') = '' or char_length(file ->> 'name') > 200
       or coalesce(file ->> 'content_type', '') !~ '^[\w.+-]+/[\w.+-]+( *;.*)?$'
       or coalesce(jsonb_typeof(file -> 'size'), 'null') <> 'number' then
      perform private.refuse('bad_media', 'A file lies elsewhere, or has no name, type or size.',
        'Attach the file again.');
    end if;
    stored := stored || jsonb_build_array(jsonb_build_object('path', file -> 'path',
      'name', file -> 'name', 'content_type', file -> 'content_type', 'size', file -> 'size'));
  end loop;
  return stored;
end $_$;

CREATE FUNCTION private.checked_files(files jsonb, conversation uuid) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
declare
  file jsonb;
  stored jsonb := '[]';
begin
  if files is null or jsonb_typeof(files) = 'null' then
    return stored;
  end if;
  if jsonb_typeof(files) <> 'array' then
    perform private.refuse('bad_media', 'The files are not a list.', 'Attach the files again.');
  end if;
  for file in select f from jsonb_array_elements(files) f loop
    if jsonb_typeof(file) <> 'object'
       or coalesce(file ->> 'path', '') not like conversation || '/_%'
       or file ->> 'path' ~ '(^|/)\.{1,2}(/|$)|//|\\'
       or coalesce(file ->> 'content_type', '') !~ '^[\w.+-]+/[\w.+-]+( *;.*)?$'
       or coalesce(jsonb_typeof(file -> 'size'), 'null') not in ('number', 'null') then
      perform private.refuse('bad_media', 'A file lies outside this conversation or has no type.',
        'Attach the file again.');
    end if;
    stored := stored || jsonb_build_array(jsonb_build_object(
      'bucket', 'attachments', 'path', file -> 'path', 'url', null,
      'content_type', file -> 'content_type', 'name', file -> 'name', 'size', file -> 'size',
      'state', 'stored', 'error', null));
  end loop;
  return stored;
end $_$;

CREATE FUNCTION private.claim_message(message_id uuid, worker text, attempt_id uuid) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select nullif(private.claim_messages(jsonb_build_array(jsonb_build_object(
    'message_id', message_id, 'worker', worker, 'attempt_id', attempt_id))) -> 0, 'null')
$$;

CREATE FUNCTION private.claim_messages(wanted jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stands constant text := (select s.state from public.service_state s where s.part = 'sending');
  asked record;
  before uuid;
  chosen public.messages;
  inbox public.inboxes;
  recipient text;
  sender text;
  way text;
  wait double precision;
  ready boolean;
  claimed jsonb[] := '{}';
  one jsonb;
  answers jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(wanted)]);
begin
  if stands = 'stopped' then
    return to_jsonb(answers);
  end if;
  -- All locks first, and in one order, so that two workers wait for each other but not for ever.
  perform pg_advisory_xact_lock(hashtextextended('balas:send:' || c.id, 0))
    from (select distinct m.conversation_id as id
            from jsonb_array_elements(wanted) w
            join public.messages m on m.id = (w ->> 'message_id')::uuid
           order by m.conversation_id) c;
  perform private.absorb_kicks(array(
    select m.conversation_id from jsonb_array_elements(wanted) w
      join public.messages m on m.id = (w ->> 'message_id')::uuid));

  for asked in
    select w.place::integer, (w.item ->> 'attempt_id')::uuid as attempt,
           w.item ->> 'worker' as worker, m.conversation_id as conversation
      from jsonb_array_elements(wanted) with ordinality w (item, place)
      join public.messages m on m.id = (w.item ->> 'message_id')::uuid
     order by m.conversation_id, w.place
  loop
    -- One call at a time: what the first has just chosen is not marked yet.
    if asked.conversation = before then
      answers[asked.place] := jsonb_build_object('wait', 0.2);
      continue;
    end if;
    before := asked.conversation;
    if exists (select from public.messages m
                where m.conversation_id = asked.conversation and m.direction = 'outbound'
                  and m.status = 'sending') then
      perform private.release_abandoned(asked.conversation);
      if exists (select from public.messages m
                  where m.conversation_id = asked.conversation and m.direction = 'outbound'
                    and m.status = 'sending' and m.attempt_id is distinct from asked.attempt) then
        answers[asked.place] := jsonb_build_object('wait', 2);
        continue;
      end if;
    end if;
    select m.* into chosen from public.messages m
     where m.conversation_id = asked.conversation and m.direction = 'outbound'
       and m.status in ('queued', 'sending')
       and (m.status = 'queued' or m.attempt_id = asked.attempt)
     order by m.status desc, m."timestamp", m.id limit 1
       for update;
    continue when chosen.id is null
      or (stands is distinct from 'running' and not private.may_send(chosen.id));

    select i.* into inbox from public.inboxes i
      join public.conversations c on c.inbox_id = i.id where c.id = asked.conversation;
    recipient := chosen.to_number;
    sender := coalesce(inbox.address, chosen.from_number);
    if recipient is null or sender is null then
      -- Rows without numbers are answered to where the customer last wrote from, and to.
      select coalesce(recipient, m.from_number), coalesce(sender, m.to_number)
        into recipient, sender
        from (select 1) one
        left join lateral (
          select m.from_number, m.to_number from public.messages m
           where m.conversation_id = asked.conversation and m.direction = 'inbound'
             and m.from_number is not null
           order by m."timestamp" desc limit 1) m on true;
    end if;
    way := coalesce(inbox.messaging_service_sid, sender, '');
    if chosen.status = 'queued' then
      wait := private.turn_wait(
        way, coalesce(recipient, ''), coalesce(inbox.replies_per_half_minute, 14));
      if wait is not null then
        answers[asked.place] := jsonb_build_object('wait', wait);
        continue;
      end if;
    end if;

    ready := chosen.media = '[]';
    claimed := claimed || jsonb_build_object(
      'place', asked.place, 'worker', asked.worker, 'way', way, 'fresh', chosen.status = 'queued',
      'per_second', coalesce(inbox.messages_per_second, 80));
    answers[asked.place] := jsonb_build_object(
      'delay', 0, 'attempt_id', asked.attempt, 'message_id', chosen.id,
      'conversation_id', asked.conversation,
      'lease', extract(epoch from private.lease()), 'called', ready,
      'to', recipient, 'from', sender,
      'messaging_service_sid', inbox.messaging_service_sid,
      'content', chosen.content, 'media', chosen.media,
      'template', chosen.metadata -> 'template',
      'created_at', chosen.created_at,
      'more', exists (select from public.messages m
                       where m.conversation_id = asked.conversation and m.direction = 'outbound'
                         and m.status = 'queued' and m.id <> chosen.id),
      'retries', (select count(*) from public.delivery_attempts a
                   where a.message_id = chosen.id and a.outcome = 'retry'));
  end loop;
  if claimed = '{}' then
    return to_jsonb(answers);
  end if;

  insert into public.delivery_attempts (id, message_id, worker, outcome, started_at, called_at)
  select (a ->> 'attempt_id')::uuid, (a ->> 'message_id')::uuid, c ->> 'worker', 'calling',
         clock_timestamp(), case when (a ->> 'called')::boolean then clock_timestamp() end
    from unnest(claimed) c cross join lateral (select answers[(c ->> 'place')::integer] as a) o
  on conflict do nothing;
  update public.messages m
     set status = 'sending', attempt_id = (o.a ->> 'attempt_id')::uuid,
         to_number = coalesce(m.to_number, o.a ->> 'to'),
         from_number = coalesce(m.from_number, o.a ->> 'from')
    from unnest(claimed) c cross join lateral (select answers[(c ->> 'place')::integer] as a) o
   where m.id = (o.a ->> 'message_id')::uuid;
  -- Last, because everybody waits for the sender's row; sender by sender, and first come, first.
  for one in
    select c from unnest(claimed) c where (c ->> 'fresh')::boolean
     order by c ->> 'way', (c ->> 'place')::integer
  loop
    answers[(one ->> 'place')::integer] := answers[(one ->> 'place')::integer]
      || jsonb_build_object('delay', private.take_turn(
           one ->> 'way', coalesce(answers[(one ->> 'place')::integer] ->> 'to', ''),
           (one ->> 'per_second')::integer));
  end loop;
  return to_jsonb(answers);
end
$$;

CREATE FUNCTION private.contact_for(addresses text[], channel text, phone text, name text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  found uuid;
  complete boolean;  -- whether nothing is to be added to the addresses we know
begin
  select a.contact_id into found from public.contact_addresses a where a.address = addresses[1];
  complete := found is not null and cardinality(addresses) = 1;
  if found is null and cardinality(addresses) > 1 then
    select a.contact_id into found from public.contact_addresses a
     where a.address = any (addresses)
     order by array_position(addresses, a.address) limit 1;
  end if;
  if found is null then
    insert into public.contacts (name, phone)
    values (contact_for.name, contact_for.phone)
    returning id into found;
  else
    -- What an agent wrote stays; a name or a number that is missing is filled. Asked first, because
    -- a statement that changes nothing still calls its triggers.
    if exists (
      select from public.contacts c
       where c.id = found
         and ((coalesce(c.name, '') = '' and contact_for.name is not null)
              or (c.phone is null and contact_for.phone is not null))) then
      update public.contacts c
         set name = coalesce(nullif(c.name, ''), contact_for.name),
             phone = coalesce(c.phone, contact_for.phone)
       where c.id = found;
    end if;
  end if;
  if not complete then
    insert into public.contact_addresses (contact_id, address, channel)
    select found, a, contact_for.channel from unnest(addresses) a
    on conflict do nothing;
  end if;
  return found;
end
$$;

CREATE FUNCTION private.conversation_for(inbox uuid, contact uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread uuid;
begin
  perform from public.contacts p where p.id = contact for no key update;
  select c.id into thread from public.conversations c
   where c.inbox_id = inbox and c.contact_id = contact and not c.adopted;
  if thread is not null then
    return thread;
  end if;
  select c.id into thread from public.conversations c
   where c.contact_id = contact and c.adopted
   order by coalesce(c.last_message_at, c.created_at) desc, c.id desc limit 1
     for update;
  if thread is not null then
    update public.conversations c set inbox_id = inbox, adopted = false where c.id = thread;
    return thread;
  end if;
  insert into public.conversations (inbox_id, contact_id) values (inbox, contact)
    on conflict (inbox_id, contact_id) where not adopted do nothing
    returning id into thread;
  if thread is null then
    select c.id into thread from public.conversations c
     where c.inbox_id = inbox and c.contact_id = contact and not c.adopted;
  end if;
  return thread;
end $$;

CREATE FUNCTION private.count_attempt() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.tally (name, label) values ('sends', new.outcome);
  return null;
end $$;

CREATE FUNCTION private.drain_together(batch jsonb) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  item jsonb;
  answer jsonb;
  results text[] := '{}';
  address text;
begin
  -- All at the start and in one order, so that two batches wait for each other but never for ever.
  for address in
    select distinct a from jsonb_array_elements(batch) e,
           jsonb_array_elements_text(e #> '{request,addresses}') a order by a
  loop
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || address, 0));
  end loop;
  for item in select e from jsonb_array_elements(batch) e loop
    if item ? 'report' then
      results := results || private.apply_status(item -> 'report');
    else
      answer := private.ingest(
        nullif(item -> 'request', 'null'), decode(item ->> 'body', 'base64'), item -> 'headers',
        item ->> 'flagged', item ->> 'path', (item ->> 'at')::timestamptz);
      results := results || case when answer ? 'duplicate' then 'duplicate'
                                 when answer ? 'kept' then 'kept' else 'stored' end;
    end if;
  end loop;
  return results;
end
$$;

CREATE FUNCTION private.due_polls(most integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with due as (
    select m.id, m.message_sid, m."timestamp"
      from public.messages m
      join public.delivery_attempts a on a.id = m.attempt_id
      left join private.status_polls p on p.message_id = m.id
     where m.direction = 'outbound' and m.status in ('accepted', 'sent')
       and m.message_sid is not null
       and m."timestamp" between now() - interval '3 days' and now() - interval '10 minutes'
       and coalesce(p.asked, 0) < 3 and coalesce(p.not_before, '-infinity') <= now()
       and a.started_at <= now() - (array['10 minutes', '1 hour', '24 hours']::interval[])
                                     [coalesce(p.asked, 0) + 1]
     order by m."timestamp", m.id limit most),
  marked as (
    insert into private.status_polls as p (message_id, not_before)
    select d.id, now() + interval '5 minutes' from due d
    on conflict on constraint status_polls_pkey do update set not_before = excluded.not_before
      where p.not_before <= now()
    returning p.message_id)
  select coalesce(jsonb_agg(
           jsonb_build_object('message_id', d.id, 'sid', d.message_sid)
           order by d."timestamp", d.id), '[]')
    from due d join marked on marked.message_id = d.id
$$;

CREATE FUNCTION private.end_jobs(ended jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  waiting boolean;
begin
  if not jsonb_path_exists(ended, '$[*].job') then
    return false;
  end if;
  with gone as (
    delete from jobs.procrastinate_jobs j
     using jsonb_to_recordset(ended) as e (job bigint, worker text)
     where j.id = e.job and j.status = 'doing' and j.worker_id::text = e.worker
    returning j.lock)
  select exists (select from jobs.procrastinate_jobs j join gone on gone.lock = j.lock
                  where j.status = 'todo') into waiting;
  return waiting;
end
$_$;

CREATE FUNCTION private.enqueue(task text, args jsonb DEFAULT '{}'::jsonb, lock text DEFAULT NULL::text, queueing_lock text DEFAULT NULL::text, queue text DEFAULT 'default'::text, priority integer DEFAULT 0, scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  -- procrastinate's own defer function, so that its triggers and columns stay its business
  defer constant text := 'select (jobs.procrastinate_defer_jobs_v1(array[
    row($1, $2, $3, $4, $5, $6, $7)::jobs.procrastinate_job_to_defer_v1]))[1]';
  job bigint;
begin
  if to_regclass('jobs.procrastinate_jobs') is null then
    return null;
  end if;
  if queueing_lock is null then
    execute defer into job
      using queue, task, priority, lock, queueing_lock, args, scheduled_at;
    return job;
  end if;
  begin
    execute defer into job
      using queue, task, priority, lock, queueing_lock, args, scheduled_at;
    return job;
  exception when unique_violation then
    return null;
  end;
end $_$;

CREATE FUNCTION private.enrich_swept(message uuid, request jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update public.messages m
     set metadata = (request -> 'metadata')
                    || jsonb_build_object('swept', (m.metadata -> 'swept') || '{"confirmed": true}'),
         content = coalesce(nullif(m.content, ''), request ->> 'content'),
         message_type = request ->> 'message_type',
         reply_to = coalesce(m.reply_to, (
           select q.id from public.messages q
            where q.message_sid = request ->> 'quoted_sid'
              and q.conversation_id = m.conversation_id))
   where m.id = enrich_swept.message and m.direction = 'inbound'
     and m.metadata ? 'swept' and m.metadata #> '{swept,confirmed}' is null;
  if found then
    perform private.contact_for(
      array(select jsonb_array_elements_text(request -> 'addresses')), request ->> 'channel',
      request ->> 'phone', request ->> 'profile_name');
  end if;
end
$$;

CREATE FUNCTION private.feed_page(base pg_snapshot, target pg_snapshot, below_xid xid8, below_seq bigint, size integer, mine uuid[], me uuid, staff boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  all_staff constant uuid := '00000000-0000-0000-0000-000000000000';
  audiences constant uuid[] := mine || me || case when staff then all_staff end;
  running constant xid8[] := array(select pg_snapshot_xip(base));
  from_xid constant xid8 := pg_snapshot_xmax(base);
  until_xid constant xid8 := coalesce(below_xid, pg_snapshot_xmax(target));
  until_seq constant bigint := coalesce(below_seq, 0);
begin
  return (
    with hits as materialized (
      select h.*, row_number() over (order by h.xid desc, h.seq desc) as n
        from (
          select c.*
            from unnest(audiences) a (id)
           cross join lateral (
             select c.xid, c.seq, c.kind, c.id, c.op from private.changes c
              where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
                and c.xid >= from_xid and (c.xid, c.seq) < (until_xid, until_seq)
                and pg_visible_in_snapshot(c.xid, target)
              order by c.xid desc, c.seq desc limit size + 1) c
          union all
          select c.*
            from unnest(audiences) a (id)
           cross join unnest(running) r (xid)
           cross join lateral (
             select c.xid, c.seq, c.kind, c.id, c.op from private.changes c
              where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
                and c.xid = r.xid and c.seq < case
                  when r.xid < until_xid then 9223372036854775807
                  when r.xid = until_xid then until_seq else 0 end
                and pg_visible_in_snapshot(c.xid, target)
              order by c.seq desc limit size + 1) c
          order by xid desc, seq desc limit size + 1) h),
    kept as (select * from hits where n <= size)
    select jsonb_build_object(
      'wanted', (select coalesce(jsonb_object_agg(kind, ids), '{}')
                   from (select kind, jsonb_agg(distinct id) as ids
                           from kept group by kind) by_kind),
      'arrived', (select coalesce(jsonb_agg(distinct id), '[]')
                    from kept where kind = 'conversations' and op = 'arrive'),
      'xid', (select xid::text from kept order by n desc limit 1),
      'seq', (select seq from kept order by n desc limit 1),
      'count', (select count(*) from kept),
      'more', (select count(*) from hits) > size));
end $$;

CREATE FUNCTION private.feed_rows(wanted jsonb, mine uuid[], me uuid, staff boolean, frame jsonb) RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  conversations json; messages json; contacts json; notes json; events json;
  conversation_labels json; attempts json; reads json; drafts json;
  labels json; canned json; templates json; profiles json; inboxes json; service json;
  asked uuid[];
  found text[];
  deleted jsonb := '{}';
begin
  select json_agg(m order by m."timestamp" desc, m.id desc), array_agg(m.id::text),
         array_agg(distinct m.conversation_id)
    into messages, found, asked
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.id = any (private.ids(wanted, 'messages')) and c.inbox_id = any (mine);
  deleted := deleted || private.not_found(wanted, 'messages', found);

  asked := private.ids(wanted, 'conversations') || asked;
  select json_agg(c order by c.last_message_at desc nulls last, c.id),
         array_agg(c.id::text), array_agg(distinct c.contact_id)
    into conversations, found, asked
    from public.conversations c where c.id = any (asked) and c.inbox_id = any (mine);
  deleted := deleted || private.not_found(wanted, 'conversations', found);

  asked := private.ids(wanted, 'contacts') || asked;
  select json_agg(p), array_agg(p.id::text) into contacts, found
    from (
      select p.*, (select coalesce(json_agg(a order by a.created_at, a.address), '[]')
                     from public.contact_addresses a where a.contact_id = p.id) as addresses
        from public.contacts p
       where p.id = any (asked)
         and exists (select from public.conversations c
                      where c.contact_id = p.id and c.inbox_id = any (mine))) p;
  deleted := deleted || private.not_found(wanted, 'contacts', found);

  if wanted ? 'notes' then
    select json_agg(n order by n.created_at desc), array_agg(n.id::text)
      into notes, found
      from public.notes n join public.conversations c on c.id = n.conversation_id
     where n.id = any (private.ids(wanted, 'notes')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'notes', found);
  end if;
  if wanted ? 'events' then
    select json_agg(e order by e.created_at desc), array_agg(e.id::text)
      into events, found
      from public.events e join public.conversations c on c.id = e.conversation_id
     where e.id = any (private.ids(wanted, 'events')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'events', found);
  end if;
  if wanted ? 'delivery_attempts' then
    select json_agg(d order by d.started_at desc), array_agg(d.id::text)
      into attempts, found
      from public.delivery_attempts d
      join public.messages m on m.id = d.message_id
      join public.conversations c on c.id = m.conversation_id
     where d.id = any (private.ids(wanted, 'delivery_attempts')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'delivery_attempts', found);
  end if;
  if wanted ? 'conversation_labels' then
    select json_agg(l), array_agg(key)
      into conversation_labels, found
      from jsonb_array_elements_text(wanted -> 'conversation_labels') key
      join public.conversation_labels l
        on l.conversation_id = split_part(key, ':', 1)::uuid
       and l.label_id = split_part(key, ':', 2)::uuid
      join public.conversations c on c.id = l.conversation_id and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'conversation_labels', found);
  end if;

  if wanted ? 'reads' then
    select json_agg(r), array_agg(r.conversation_id::text) into reads, found
      from public.reads r join public.conversations c on c.id = r.conversation_id
     where r.profile_id = me and c.inbox_id = any (mine)
       and r.conversation_id = any (private.ids(wanted, 'reads'));
    deleted := deleted || private.not_found(wanted, 'reads', found);
  end if;
  if wanted ? 'drafts' then
    select json_agg(d), array_agg(d.conversation_id::text) into drafts, found
      from public.drafts d join public.conversations c on c.id = d.conversation_id
     where d.profile_id = me and c.inbox_id = any (mine)
       and d.conversation_id = any (private.ids(wanted, 'drafts'));
    deleted := deleted || private.not_found(wanted, 'drafts', found);
  end if;

  if wanted ?| array['labels', 'canned_replies', 'templates', 'service_state', 'profiles',
                     'inboxes'] then
    select json_agg(l), array_agg(l.id::text) into labels, found
      from public.labels l where staff and l.id = any (private.ids(wanted, 'labels'));
    deleted := deleted || private.not_found(wanted, 'labels', found);
    select json_agg(r), array_agg(r.id::text) into canned, found
      from public.canned_replies r
     where staff and r.id = any (private.ids(wanted, 'canned_replies'));
    deleted := deleted || private.not_found(wanted, 'canned_replies', found);
    select json_agg(t), array_agg(t.id::text) into templates, found
      from public.templates t where staff and t.id = any (private.ids(wanted, 'templates'));
    deleted := deleted || private.not_found(wanted, 'templates', found);
    select json_agg(s), array_agg(s.id::text) into service, found
      from public.service_state s
     where staff and s.id = any (private.ids(wanted, 'service_state'));
    deleted := deleted || private.not_found(wanted, 'service_state', found);
    select json_agg(p), array_agg(p.id::text) into profiles, found
      from public.profiles p
     where (staff or p.id = me) and p.id = any (private.ids(wanted, 'profiles'));
    deleted := deleted || private.not_found(wanted, 'profiles', found);
    select json_agg(i order by i.name), array_agg(i.id::text) into inboxes, found
      from public.inboxes i
     where i.id = any (mine) and i.id = any (private.ids(wanted, 'inboxes'));
    deleted := deleted || private.not_found(wanted, 'inboxes', found);
  end if;

  return json_build_object(
    'cursor', frame -> 'cursor', 'more', frame -> 'more', 'server_time', frame -> 'server_time',
    'forget', frame -> 'forget',
    'profiles', coalesce(profiles, '[]'), 'inboxes', coalesce(inboxes, '[]'),
    'contacts', coalesce(contacts, '[]'), 'conversations', coalesce(conversations, '[]'),
    'messages', coalesce(messages, '[]'), 'notes', coalesce(notes, '[]'),
    'events', coalesce(events, '[]'), 'labels', coalesce(labels, '[]'),
    'conversation_labels', coalesce(conversation_labels, '[]'),
    'canned_replies', coalesce(canned, '[]'), 'templates', coalesce(templates, '[]'),
    'service_state', coalesce(service, '[]'), 'reads', coalesce(reads, '[]'),
    'drafts', coalesce(drafts, '[]'), 'delivery_attempts', coalesce(attempts, '[]'),
    'deleted', deleted);
end $$;

CREATE FUNCTION private.fetch_jobs(worker bigint, known bigint[], most integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  taken jsonb;
  job jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(j) order by j.id), '[]') into taken
    from jobs.procrastinate_jobs j
   where j.worker_id = worker and j.status = 'doing' and j.id <> all (known);
  while jsonb_array_length(taken) < most loop
    select to_jsonb(j) into job from jobs.procrastinate_fetch_job_v2(null, worker) j;
    exit when job ->> 'id' is null;
    taken := taken || job;
  end loop;
  return taken;
end
$$;

CREATE FUNCTION private.fill_numbers(message_sid text, from_number text, to_number text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  message public.messages;
  customer text;
  ours text;
begin
  select * into message from public.messages m where m.message_sid = fill_numbers.message_sid
    for update;
  if message.id is null then
    return false;
  end if;
  if coalesce(fill_numbers.from_number, '') = '' or coalesce(fill_numbers.to_number, '') = '' then
    update public.messages m set metadata = m.metadata || '{"numbers_unknown": true}'
     where m.id = message.id;
    return false;
  end if;
  update public.messages m
     set from_number = coalesce(m.from_number, fill_numbers.from_number),
         to_number = coalesce(m.to_number, fill_numbers.to_number)
   where m.id = message.id;
  if message.direction = 'inbound' then
    customer := fill_numbers.from_number; ours := fill_numbers.to_number;
  else
    customer := fill_numbers.to_number; ours := fill_numbers.from_number;
  end if;
  update public.messages m
     set from_number = coalesce(m.from_number,
           case m.direction when 'inbound' then customer else ours end),
         to_number = coalesce(m.to_number,
           case m.direction when 'inbound' then ours else customer end)
   where m.conversation_id = message.conversation_id and m.message_sid is null
     and coalesce(m.status, '') not in ('scheduled', 'queued', 'sending', 'uncertain')
     and (m.from_number is null or m.to_number is null);
  perform private.give_address(message.conversation_id, customer);
  return true;
end $$;

CREATE FUNCTION private.fill_past(fill jsonb, budget integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.fill_stage(fill jsonb, stage text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return fill || jsonb_build_object('stage', stage, 'at', fill -> 'start', 'id', case
    when stage in ('heads', 'past') then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else '00000000-0000-0000-0000-000000000000' end);
end $$;

CREATE FUNCTION private.fill_step(fill jsonb, budget integer, me uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.fill_threads(fill jsonb, many integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.filled_template(body text, variables jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when bool_and(found.k is null or coalesce(variables ->> found.k, '') <> '')
    then string_agg(plain.piece || coalesce(variables ->> found.k, ''), '' order by plain.n) end
    from regexp_split_to_table(body, '\{\{\s*\w+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as k, row_number() over () as n
        from regexp_matches(body, '\{\{\s*(\w+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

CREATE FUNCTION private.fold_tallies() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- A stricter transaction would fail on lines that another one folded meanwhile.
  if current_setting('transaction_isolation') <> 'read committed' then
    return;
  end if;
  with taken as (
    delete from private.tallies t
     where t.id in (select id from private.tallies for update skip locked)
    returning t.inbox_id, t.label_id, t.status, t.assignee_id, t.n)
  insert into private.tallies (inbox_id, label_id, status, assignee_id, n)
  select t.inbox_id, t.label_id, t.status, t.assignee_id, sum(t.n)
    from taken t
   where t.label_id is null or exists (select from public.labels l where l.id = t.label_id)
   group by t.inbox_id, t.label_id, t.status, t.assignee_id
  having sum(t.n) <> 0;
end $$;

CREATE FUNCTION private.give_address(conversation uuid, given text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  number constant text := substring(given from '\+\d+$');
  old_contact uuid;
  owner uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || given, 0));
  select c.contact_id into old_contact from public.conversations c where c.id = conversation
    for update;
  select a.contact_id into owner from public.contact_addresses a
   where a.address in (given, number, 'whatsapp:' || number)
   order by (a.address = given) desc limit 1;
  if owner is not null and owner <> old_contact then
    -- Not into an inbox where they have a thread already: two threads stay two.
    update public.conversations c set contact_id = owner
     where c.id = conversation
       and (c.adopted or not exists (
         select from public.conversations o
          where o.inbox_id = c.inbox_id and o.contact_id = owner and not o.adopted));
    delete from public.contacts p
     where p.id = old_contact and p.notes is null
       and not exists (select from public.conversations c where c.contact_id = p.id)
       and not exists (select from public.contact_addresses a where a.contact_id = p.id);
  else
    owner := old_contact;
  end if;
  insert into public.contact_addresses (contact_id, address, channel)
  select owner, a, case when a like 'whatsapp:%' then 'whatsapp' else 'sms' end
    from unnest(array[given, number, 'whatsapp:' || number]) a where a is not null
    on conflict (address) do nothing;
  -- A stand-in name gives way: the number says more, and the next message brings the real name.
  update public.contacts p
     set phone = coalesce(p.phone, number),
         name = case when p.name ~ '^Adopted conversation [0-9a-f]{8}$' then null else p.name end
   where p.id = owner
     and (p.phone is distinct from coalesce(p.phone, number)
          or p.name ~ '^Adopted conversation [0-9a-f]{8}$');
  return owner;
end $_$;

CREATE FUNCTION private.give_turn_back(sender text, recipient text, hold double precision) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- The sender first, as take_turn.
  insert into private.sender_pace as p (sender, held_until)
  select give_turn_back.sender, clock_timestamp() + hold * interval '1 second'
   where hold is not null
  on conflict on constraint sender_pace_pkey do update set held_until = greatest(p.held_until, excluded.held_until);
  update private.pair_pace p set sent_at = p.sent_at[1:cardinality(p.sent_at) - 1]
   where p.sender = give_turn_back.sender and p.recipient = give_turn_back.recipient
     and cardinality(p.sent_at) > 0;
$$;

CREATE FUNCTION private.guard_role() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  self_made boolean := session_user = 'supabase_auth_admin'
    or (coalesce((select auth.role()), '') in ('anon', 'authenticated')
        and not (select private.is_admin()));
begin
  if not self_made then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new.role := 'agent';
  elsif (new.role, new.active) is distinct from (old.role, old.active) or new.id <> old.id then
    perform private.refuse('not_allowed', 'Only an administrator may change a role.',
      'Ask an administrator.');
  end if;
  return new;
end $$;

CREATE FUNCTION private.half_minute() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '31 seconds' $$;

CREATE FUNCTION private.has_job(lock text, task text, message_id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  answer boolean;
begin
  if has_job.lock is not null then
    execute 'select exists (select from jobs.procrastinate_jobs j
                             where j.lock = $1 and j.status in (''todo'', ''doing''))'
       into answer using has_job.lock;
  else
    execute 'select exists (select from jobs.procrastinate_jobs j
                             where j.task_name = $1 and j.status in (''todo'', ''doing'')
                               and j.args ->> ''message_id'' = $2)'
       into answer using task, has_job.message_id::text;
  end if;
  return answer;
end
$_$;

CREATE FUNCTION private.ids(wanted jsonb, kind text) RETURNS uuid[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  if not wanted ? kind then
    return '{}';
  end if;
  return (select coalesce(array_agg(id::uuid), '{}')
            from jsonb_array_elements_text(wanted -> kind) id);
end $$;

CREATE FUNCTION private.inbox_for(address text, service_sid text, channel text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  found uuid;
begin
  select i.id into found from public.inboxes i where i.address = inbox_for.address;
  if found is null and service_sid is not null then
    select i.id into found from public.inboxes i
     where i.messaging_service_sid = service_sid and i.channel = inbox_for.channel
       and i.address is null
     order by i.created_at, i.id limit 1;
  end if;
  if found is null then
    insert into public.inboxes (name, channel, address, flagged)
    values (replace(inbox_for.address, 'whatsapp:', ''), inbox_for.channel, inbox_for.address, true)
    on conflict do nothing
    returning id into found;
  end if;
  if found is null then
    select i.id into found from public.inboxes i where i.address = inbox_for.address;
  end if;
  return found;
end
$$;

CREATE FUNCTION private.ingest(request jsonb, body bytea, headers jsonb DEFAULT '{}'::jsonb, flagged text DEFAULT NULL::text, path text DEFAULT '/webhook'::text, written_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  raw_id uuid := encode(substr(sha256(convert_to(path, 'UTF8') || body), 1, 16), 'hex')::uuid;
  sid text := request ->> 'sid';
  names text[];
  one text;
  inbox uuid;
  contact uuid;
  thread uuid;
  conversation public.conversations;
  moment timestamptz;
  message uuid;
  quoted uuid;
  heard_at timestamptz;
  is_swept constant boolean := path = '/sweep';
  -- When the customer wrote, as far as we know: the 24-hour window and the waiting begin there.
  heard constant timestamptz :=
    case when written_at is not null then least(written_at, clock_timestamp()) end;
  -- When the raw request was in our hands.
  taken constant timestamptz := case when is_swept then now() else coalesce(heard, now()) end;
begin
  if sid is null then
    insert into private.webhook_requests (id, received_at, path, headers, body, flagged)
    values (raw_id, taken, ingest.path, ingest.headers, ingest.body,
            coalesce(ingest.flagged, 'unparsed'))
    on conflict do nothing;
    return jsonb_build_object('kept', true);
  end if;

  select array_agg(a order by n) into names
    from jsonb_array_elements_text(request -> 'addresses') with ordinality as t(a, n);
  -- Always in the same order, so that two requests never wait for each other.
  for one in select distinct a from unnest(names) a order by a loop
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || one, 0));
  end loop;

  select m.id into message from public.messages m where m.message_sid = sid;
  if message is not null then
    if not is_swept then
      -- The sweep was here first and knew less: Twilio's list has no names, places or buttons.
      perform private.enrich_swept(message, request);
      insert into private.webhook_requests
        (id, received_at, path, headers, body, parameters, flagged, message_id)
      select raw_id, taken, ingest.path, ingest.headers, ingest.body, request #> '{metadata,raw}',
             ingest.flagged, m.id
        from public.messages m where m.id = message and m.metadata ? 'swept'
      on conflict do nothing;
    end if;
    return jsonb_build_object('duplicate', true);
  end if;

  inbox := private.inbox_for(
    request ->> 'to', request ->> 'messaging_service_sid', request ->> 'channel');
  contact := private.contact_for(
    names, request ->> 'channel', request ->> 'phone', request ->> 'profile_name');
  -- Their last word counts, not the one that comes to us last.
  if request ->> 'opt_out' in ('STOP', 'START') then
    update public.contact_addresses a
       set opted_out_at = case request ->> 'opt_out' when 'STOP' then coalesce(heard, now()) end
     where a.address = request ->> 'from'
       and not exists (
         select from public.messages m
          where m.from_number = request ->> 'from' and m."timestamp" > heard);
  end if;

  thread := private.conversation_for(inbox, contact);
  select * into strict conversation from public.conversations c where c.id = thread for update;
  -- The order of a conversation is fixed here: by arrival, never equal, never backwards.
  moment := case when heard is null then private.next_moment(conversation.id)
                 else private.late_moment(conversation.id, heard) end;
  heard_at := coalesce(heard, moment);
  if request ->> 'quoted_sid' is not null then
    select m.id into quoted from public.messages m
     where m.message_sid = request ->> 'quoted_sid' and m.conversation_id = conversation.id;
  end if;

  insert into public.messages (
    conversation_id, message_sid, direction, message_type, content, media_url, media_content_type,
    "timestamp", from_number, to_number, media, status, metadata, reply_to)
  values (
    conversation.id, sid, 'inbound', request ->> 'message_type', request ->> 'content',
    request #>> '{media,0,url}', request #>> '{media,0,content_type}',
    moment, request ->> 'from', request ->> 'to', request -> 'media', 'received',
    request -> 'metadata', quoted)
  on conflict (message_sid) do nothing
  returning id into message;
  if message is null then  -- stored meanwhile by a way that takes no address lock
    return jsonb_build_object('duplicate', true);
  end if;

  insert into private.webhook_requests
    (id, received_at, path, headers, body, parameters, flagged, message_id)
  values (raw_id, taken, ingest.path, ingest.headers, ingest.body,
          request #> '{metadata,raw}', ingest.flagged, message)
  on conflict do nothing;

  if is_swept then
    insert into private.sweep_fills (sid, message_id, inbox_id, direction, written_at)
    values (sid, message, inbox, 'inbound', heard_at);
  end if;
  if conversation.status <> 'open' then
    insert into public.events (conversation_id, kind, data)
    values (conversation.id, 'reopened',
            jsonb_build_object('by', 'customer', 'was', conversation.status));
  end if;
  update public.conversations c
     set status = 'open',
         snoozed_until = null,
         last_message_at = moment,
         last_inbound_at = greatest(c.last_inbound_at, heard_at),
         waiting_since = coalesce(c.waiting_since, heard_at)
   where c.id = conversation.id;

  if jsonb_array_length(request -> 'media') > 0 then
    perform private.enqueue(
      'copy_media', jsonb_build_object('message_id', message), queue => 'media');
  end if;
  return jsonb_build_object(
    'message_id', message, 'conversation_id', conversation.id, 'inbox_id', inbox);
end
$$;

CREATE FUNCTION private.ingest_together(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
declare
  free int[];       -- places whose addresses are ours alone
  ordinary int[];   -- of these, those of known customers
  their_threads uuid[];
  held uuid[];      -- conversations that we lock, and what they are now
  held_inboxes uuid[];
  held_statuses text[];
  reopened uuid[] := '{}';
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

CREATE TABLE public.delivery_attempts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    message_id uuid NOT NULL,
    worker text,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    outcome text DEFAULT 'calling'::text NOT NULL,
    http_status integer,
    error_code integer,
    words text,
    sid text,
    called_at timestamp with time zone,
    CONSTRAINT delivery_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['calling'::text, 'accepted'::text, 'refused'::text, 'retry'::text, 'uncertain'::text, 'settled'::text])))
);

CREATE FUNCTION private.is_abandoned(attempt public.delivery_attempts) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  began constant timestamptz := coalesce(attempt.called_at, attempt.started_at, '-infinity');
  alive boolean := false;
begin
  if began < now() - interval '2 minutes' then
    return true;
  end if;
  if began > now() - private.lease() - interval '2 seconds'
     or to_regclass('jobs.procrastinate_workers') is null then
    return false;
  end if;
  execute 'select exists (select from jobs.procrastinate_workers w
                           where w.id::text = $1 and w.last_heartbeat > now() - interval ''25 s'')'
     into alive using attempt.worker;
  return not alive;
end
$_$;

CREATE FUNCTION private.is_admin() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active and p.role = 'admin')
$$;

CREATE FUNCTION private.is_staff() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active
       and (p.role in ('supervisor', 'admin')
            or exists (select from public.inbox_members m where m.profile_id = p.id)))
$$;

CREATE FUNCTION private.is_supervisor() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.profiles p
     where p.id = (select auth.uid()) and p.active and p.role in ('supervisor', 'admin'))
$$;

CREATE FUNCTION private.kick_queued(older_than interval DEFAULT '00:00:00'::interval) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stands text;
  waiting record;
  kicked integer := 0;
  most integer;
begin
  select s.state into stands from public.service_state s where s.part = 'sending';
  if stands = 'stopped' then
    return 0;
  end if;
  if stands = 'trying' then
    most := case when exists (select from private.sending_trial t
                               where t.began_at > clock_timestamp() - interval '1 minute')
              then 0 else 3 end;
  end if;
  for waiting in
    select distinct on (m.conversation_id) m.conversation_id, m.id from public.messages m
     where m.direction = 'outbound' and m.status = 'queued'
       and coalesce(m.updated_at, m.created_at, '-infinity') <= now() - older_than
     order by m.conversation_id, m."timestamp", m.id
     limit most
  loop
    if not private.has_job('conversation:' || waiting.conversation_id, 'send_message', null) then
      perform private.enqueue(
        'send_message', jsonb_build_object('message_id', waiting.id),
        lock => 'conversation:' || waiting.conversation_id, queue => 'send');
      kicked := kicked + 1;
    end if;
  end loop;
  return kicked;
end
$$;

CREATE FUNCTION private.late_moment(conversation uuid, written_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select greatest(least(written_at, clock_timestamp()),
                  max(m."timestamp") + interval '1 microsecond')
    from public.messages m where m.conversation_id = conversation
$$;

CREATE FUNCTION private.lately(sent_at timestamp with time zone[]) RETURNS timestamp with time zone[]
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select array(select t from unnest(sent_at) t
                where t > clock_timestamp() - private.half_minute() order by t)
$$;

CREATE FUNCTION private.lease() RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select interval '10 seconds' $$;

CREATE TABLE public.conversations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    contact_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    assignee_id uuid,
    priority text,
    snoozed_until timestamp with time zone,
    last_message_at timestamp with time zone,
    last_inbound_at timestamp with time zone,
    waiting_since timestamp with time zone,
    adopted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT balas_conversations_priority CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT balas_conversations_status CHECK ((status = ANY (ARRAY['open'::text, 'snoozed'::text, 'resolved'::text])))
);

COMMENT ON COLUMN public.conversations.last_inbound_at IS 'Start of the 24-hour window: when the service received the customer''s last message.';

COMMENT ON COLUMN public.conversations.waiting_since IS 'Since when the customer waits for an answer; shared by the team, cleared by an answer.';

CREATE FUNCTION private.lock_my_conversation(conversation uuid) RETURNS public.conversations
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread public.conversations;
begin
  select * into thread from public.conversations c
   where c.id = conversation and c.inbox_id in (select private.my_inboxes())
     for update;
  if thread.id is null then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  return thread;
end $$;

CREATE FUNCTION private.may_see(person uuid, inbox uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.profiles p
     where p.id = person and p.active
       and (p.role in ('supervisor', 'admin')
            or exists (select from public.inbox_members m
                        where m.inbox_id = inbox and m.profile_id = p.id)))
$$;

CREATE FUNCTION private.may_send(message_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stands text;
  trial private.sending_trial;
begin
  select s.state into stands from public.service_state s where s.part = 'sending';
  if stands is distinct from 'trying' then
    return stands is distinct from 'stopped';
  end if;
  select * into trial from private.sending_trial for update;
  select s.state into stands from public.service_state s where s.part = 'sending';
  if stands <> 'trying' then
    return stands = 'running';
  end if;
  -- One of which nothing was heard for a minute proves nothing; the next one takes its place.
  if trial.message_id is null or trial.began_at < clock_timestamp() - interval '1 minute'
     or trial.message_id = may_send.message_id then
    update private.sending_trial
       set message_id = may_send.message_id, began_at = clock_timestamp();
    return true;
  end if;
  return false;
end
$$;

CREATE FUNCTION private.media_tried(message_id uuid, index integer, code text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.merge_wanted(one jsonb, other jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_object_agg(kind, case
             when a is null then b
             when b is null then a
             else (
               select jsonb_agg(id) from (
                 select jsonb_array_elements(a) union select jsonb_array_elements(b)) e (id))
             end), '{}')
      from (select kind, nullif(one -> kind, '[]') as a, nullif(other -> kind, '[]') as b
              from (select jsonb_object_keys(one) union select jsonb_object_keys(other)) k (kind)) w
     where a is not null or b is not null);
end $$;

CREATE FUNCTION private.my_inboxes() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select i.id
    from public.profiles p
    join public.inboxes i
      on p.role in ('supervisor', 'admin')
      or exists (select from public.inbox_members m
                  where m.inbox_id = i.id and m.profile_id = p.id)
   where p.id = (select auth.uid()) and p.active
$$;

CREATE FUNCTION private.name_of(person uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select p.display_name from public.profiles p where p.id = person
$$;

CREATE FUNCTION private.next_moment(conversation uuid) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select greatest(clock_timestamp(), max(m."timestamp") + interval '1 microsecond')
    from public.messages m where m.conversation_id = conversation
$$;

CREATE FUNCTION private.normal_address(value text, channel text DEFAULT 'whatsapp'::text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
declare
  prefixed constant boolean := value ~* '^\s*whatsapp:';
  number text := regexp_replace(regexp_replace(value, '^\s*whatsapp:', '', 'i'),
                                '[\s().\-]', '', 'g');
begin
  if prefixed and value ~* '^\s*whatsapp:[A-Z]{2}\.\d+\s*$' then
    return 'whatsapp:' || upper(regexp_replace(btrim(value), '^\s*whatsapp:', '', 'i'));
  end if;
  number := regexp_replace(number, '^00', '+');
  -- WhatsApp's own id is the number without its plus; a national one begins with 0.
  if number ~ '^[1-9]\d{9,14}$' then
    number := '+' || number;
  end if;
  if number is null or number !~ '^\+[1-9]\d{6,14}$' then
    return null;
  end if;
  return case when prefixed or channel = 'whatsapp' then 'whatsapp:' else '' end || number;
end $_$;

CREATE FUNCTION private.not_found(wanted jsonb, kind text, present text[]) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  if not wanted ? kind then
    return '{}';
  end if;
  return coalesce((
    select jsonb_build_object(kind, jsonb_agg(id))
      from (select jsonb_array_elements_text(wanted -> kind) as id
            except select unnest(present)) gone
    having count(*) > 0), '{}');
end $$;

CREATE FUNCTION private.note_contact() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  found_rows jsonb[];
  more_rows jsonb[];
begin
  if tg_op <> 'INSERT' then
    select array_agg(to_jsonb(o)) into found_rows from old_rows o;
  end if;
  if tg_op <> 'DELETE' then
    select array_agg(to_jsonb(n)) into more_rows from new_rows n;
    found_rows := found_rows || more_rows;
  end if;
  if found_rows is not null then  -- a statement that touched no row calls us, too
    perform private.note_contacts(
      (select array_agg((r ->> tg_argv[0])::uuid) from unnest(found_rows) r));
  end if;
  return null;
end $$;

CREATE FUNCTION private.note_contacts(contacts uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  insert into private.changes (kind, id, inbox_id)
  select distinct 'contacts', c.contact_id::text, c.inbox_id
    from public.conversations c
   where c.contact_id = any (contacts) and c.inbox_id is not null
$$;

CREATE FUNCTION private.note_conversations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'INSERT' then
    insert into private.changes (kind, id, inbox_id, conversation_id)
    select 'conversations', n.id::text, n.inbox_id, n.id from new_rows n
     where n.inbox_id is not null;
  elsif tg_op = 'UPDATE' then
    -- That a thread was answered is as urgent as the answer; everything else is what people wait for.
    insert into private.changes (kind, id, inbox_id, conversation_id, op, urgent)
    select 'conversations', n.id::text, n.inbox_id, n.id,
           case when n.inbox_id is distinct from o.inbox_id then 'arrive' else 'upsert' end,
           (n.inbox_id, n.contact_id, n.status, n.assignee_id, n.priority, n.snoozed_until,
            n.last_inbound_at)
             is distinct from (o.inbox_id, o.contact_id, o.status, o.assignee_id, o.priority,
                               o.snoozed_until, o.last_inbound_at)
      from new_rows n join old_rows o on o.id = n.id
     where n.* *<> o.* and n.inbox_id is not null;
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'conversations', o.id::text, o.inbox_id, o.id, 'delete'
      from old_rows o join new_rows n on n.id = o.id
     where n.inbox_id is distinct from o.inbox_id and o.inbox_id is not null;
  else
    -- Its messages, notes and the rest go with it; readers drop the whole thread.
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'conversations', o.id::text, o.inbox_id, o.id, 'delete' from old_rows o
     where o.inbox_id is not null;
  end if;
  return null;
end $$;

CREATE FUNCTION private.note_for_queue(message_id uuid, report jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  now_is public.service_state;
begin
  if private.stops_sending((report ->> 'error_code')::integer) then
    perform private.stop_sending((report ->> 'error_code')::integer, report ->> 'error_text');
    return;
  end if;
  select * into now_is from public.service_state s where s.part = 'sending';
  if now_is.state is distinct from 'trying'
     or private.status_rank(report ->> 'status')
        < (case now_is.error_code when 20003 then 4 else 5 end)
     or not exists (select from private.sending_trial t
                     where t.message_id = note_for_queue.message_id) then
    return;
  end if;
  update public.service_state s
     set state = 'running', error_code = null, error_text = null, since = now(),
         next_try_at = null, updated_at = now()
   where s.part = 'sending' and s.state = 'trying';
  update private.sending_trial set message_id = null, began_at = null, failures = 0;
  perform private.kick_queued();
end
$$;

CREATE FUNCTION private.note_members() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, profile_id)
    select 'profiles', o.profile_id::text, o.profile_id from old_rows o;
  else
    insert into private.changes (kind, id, profile_id)
    select 'profiles', n.profile_id::text, n.profile_id from new_rows n;
  end if;
  return null;
end $$;

CREATE FUNCTION private.note_messages() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'INSERT' then
    -- A reply is on its writer's screen already; the others can wait a second for it.
    insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
    select 'messages', n.id::text, c.inbox_id, n.conversation_id,
           n.direction is distinct from 'outbound'
      from new_rows n join public.conversations c on c.id = n.conversation_id
     order by n."timestamp";
  elsif tg_op = 'UPDATE' then
    -- Ticks are not urgent; anything that changes the bubble's content is.
    insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
    select 'messages', n.id::text, c.inbox_id, n.conversation_id,
           (n.content, n.media, n.metadata, n.conversation_id)
             is distinct from (o.content, o.media, o.metadata, o.conversation_id)
           or coalesce(n.status in ('failed', 'undelivered', 'uncertain'), false)
      from new_rows n
      join old_rows o on o.id = n.id
      join public.conversations c on c.id = n.conversation_id
     where n.* *<> o.*
     order by n."timestamp";
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'messages', o.id::text, c.inbox_id, o.conversation_id, 'delete'
      from old_rows o
      join new_rows n on n.id = o.id
      join public.conversations c on c.id = o.conversation_id
     where n.conversation_id is distinct from o.conversation_id;
  else
    insert into private.changes (kind, id, inbox_id, conversation_id, op)
    select 'messages', o.id::text, c.inbox_id, o.conversation_id, 'delete'
      from old_rows o join public.conversations c on c.id = o.conversation_id;
  end if;
  return null;
end $$;

CREATE FUNCTION private.note_of_conversation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gone constant boolean := tg_op = 'DELETE';
  found_rows jsonb[];
begin
  if gone then
    select array_agg(to_jsonb(o)) into found_rows from old_rows o;
  else
    select array_agg(to_jsonb(n)) into found_rows from new_rows n;
  end if;
  insert into private.changes (kind, id, inbox_id, conversation_id, op, urgent)
  select tg_table_name,
         coalesce(r ->> 'id', (r ->> 'conversation_id') || ':' || (r ->> 'label_id')),
         c.inbox_id, c.id, case when gone then 'delete' else 'upsert' end,
         tg_table_name <> 'delivery_attempts'
    from unnest(found_rows) r
    left join public.messages m on m.id = (r ->> 'message_id')::uuid
    join public.conversations c on c.id = coalesce((r ->> 'conversation_id')::uuid,
                                                   m.conversation_id);
  return null;
end $$;

CREATE FUNCTION private.note_own() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, profile_id, conversation_id, op, urgent)
    select tg_table_name, o.conversation_id::text, o.profile_id, o.conversation_id, 'delete', false
      from old_rows o;
  else
    insert into private.changes (kind, id, profile_id, conversation_id, urgent)
    select tg_table_name, n.conversation_id::text, n.profile_id, n.conversation_id, false
      from new_rows n;
  end if;
  return null;
end $$;

CREATE FUNCTION private.note_poll(message_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update private.status_polls p
     set asked = (select count(*) from unnest(array['10 minutes', '1 hour', '24 hours']::interval[])
                    as age where a.started_at <= now() - age)
    from public.messages m join public.delivery_attempts a on a.id = m.attempt_id
   where m.id = note_poll.message_id and p.message_id = m.id
$$;

CREATE FUNCTION private.note_shared() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'DELETE' then
    insert into private.changes (kind, id, inbox_id, op, urgent)
    select tg_table_name, o.id::text,
           case tg_table_name when 'inboxes' then o.id end, 'delete', false
      from old_rows o;
  else
    insert into private.changes (kind, id, inbox_id, urgent)
    select tg_table_name, n.id::text,
           case tg_table_name when 'inboxes' then n.id end, false
      from new_rows n;
    -- The person whose own rights may have changed is told at once, staff or not.
    if tg_table_name = 'profiles' then
      insert into private.changes (kind, id, profile_id)
      select 'profiles', n.id::text, n.id from new_rows n;
    end if;
  end if;
  return null;
end $$;

CREATE FUNCTION private.our_inbox(address text, service_sid text, channel text) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select i.id from public.inboxes i
   where not i.adopted
     and (i.address = our_inbox.address
          or (i.address is null and i.messaging_service_sid = service_sid
              and i.channel = our_inbox.channel))
   order by i.address is null, i.created_at, i.id limit 1
$$;

CREATE FUNCTION private.pause_triggers(ours_too boolean) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  one record;
  resume text[] := '{}';
begin
  for one in
    select c.relname as tab, g.tgname as name, g.tgenabled as mode
      from pg_trigger g join pg_class c on c.oid = g.tgrelid
     where not g.tgisinternal and g.tgenabled <> 'D' and c.relnamespace = 'public'::regnamespace
       and c.relname in ('profiles', 'conversations', 'messages')
       and (ours_too or g.tgname !~ '^(balas_|zz_balas_)')
  loop
    execute format('alter table public.%I disable trigger %I', one.tab, one.name);
    resume := resume || format('alter table public.%I enable %strigger %I', one.tab,
      case one.mode when 'R' then 'replica ' when 'A' then 'always ' else '' end, one.name);
  end loop;
  return resume;
end $$;

CREATE FUNCTION private.probe_due() RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.service_state s
     set next_try_at = now() + interval '1 minute', updated_at = now()
   where s.part = 'sending' and s.state = 'stopped'
     and coalesce(s.next_try_at, '-infinity') <= now()
  returning coalesce(s.error_code, 0)
$$;

CREATE FUNCTION private.probe_failed(code integer, words text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  times integer;
begin
  update private.sending_trial t set failures = t.failures + 1 returning t.failures into times;
  update public.service_state s
     set next_try_at = now() + private.stop_pause(times), updated_at = now(),
         error_code = coalesce(code, s.error_code),
         error_text = case when code is null then s.error_text else words end
   where s.part = 'sending' and s.state = 'stopped';
end
$$;

CREATE FUNCTION private.probe_soon() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.service_state s set next_try_at = now(), updated_at = now()
   where s.part = 'sending' and s.state = 'stopped'
$$;

CREATE FUNCTION private.prune_changes(keep interval DEFAULT '30 days'::interval) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gone bigint;
  edge constant timestamptz := now() - keep;
begin
  update private.feed set pruned_until = greatest(pruned_until, edge);
  delete from private.changes where at < edge;
  get diagnostics gone = row_count;
  return gone;
end $$;

CREATE FUNCTION private.prune_daily() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:prune', 0))
     or not private.take_round('changes', interval '1 day') then
    return null;
  end if;
  return private.prune_changes();
end $$;

CREATE FUNCTION private.prune_sending() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  delete from private.pair_pace p
   where p.sent_at = '{}' or p.sent_at[cardinality(p.sent_at)] < now() - interval '1 minute';
  delete from private.status_polls p using public.messages m
   where m.id = p.message_id
     and (m.status not in ('accepted', 'sent') or m."timestamp" < now() - interval '4 days');
$$;

CREATE FUNCTION private.queue_again(attempt_id uuid, message_id uuid, outcome jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  message public.messages;
  service_sid text;
begin
  select * into message from public.messages m
   where m.id = queue_again.message_id and m.attempt_id = queue_again.attempt_id
     and m.status in ('sending', 'uncertain') and m.message_sid is null
     for update;
  if message.id is null then
    return;
  end if;
  select i.messaging_service_sid into service_sid from public.inboxes i
    join public.conversations c on c.inbox_id = i.id where c.id = message.conversation_id;
  perform private.give_turn_back(coalesce(service_sid, message.from_number, ''),
    coalesce(message.to_number, ''), (outcome ->> 'hold')::double precision);
  -- Later replies may have left while this one was uncertain: it would come after them now.
  if message.status = 'uncertain' and exists (
    select from public.messages m
     where m.conversation_id = message.conversation_id and m.direction = 'outbound'
       and (m."timestamp", m.id) > (message."timestamp", message.id)
       and m.status not in ('queued', 'scheduled')) then
    update public.messages m
       set status = 'failed', error_text = 'Nothing was sent, and later replies have left already.'
     where m.id = message.id;
    return;
  end if;
  update public.messages m set status = 'queued' where m.id = message.id;
end
$$;

CREATE FUNCTION private.queue_messages(thread public.conversations, parts jsonb, sender text, recipient text, answered uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment timestamptz := private.next_moment(thread.id);
  part jsonb;
begin
  for part in select p from jsonb_array_elements(parts) p loop
    insert into public.messages (id, conversation_id, direction, message_type, content, media,
      media_content_type, metadata, sent_by, "timestamp", from_number, to_number, status, reply_to)
    values ((part ->> 'id')::uuid, thread.id, 'outbound', part ->> 'message_type',
      part ->> 'content', part -> 'media', part #>> '{media,0,content_type}', part -> 'metadata',
      auth.uid(), moment, sender, recipient, 'queued', answered);
    -- The conversation is the lock, so replies of one conversation leave in order.
    perform private.enqueue('send_message', jsonb_build_object('message_id', part ->> 'id'),
      'conversation:' || thread.id, null, 'send');
    moment := moment + interval '1 microsecond';
  end loop;
  update public.conversations c
     set last_message_at = moment - interval '1 microsecond', waiting_since = null
   where c.id = thread.id;
  return private.sent_messages(array(
    select (p ->> 'id')::uuid from jsonb_array_elements(parts) p));
end $$;

CREATE FUNCTION private.read_cursor(cursor text, me uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  state jsonb;
begin
  if coalesce(cursor, '') = '' then
    return null;
  end if;
  begin
    state := convert_from(decode(cursor, 'base64'), 'UTF8')::jsonb;
    if (state ->> 'v')::int is distinct from 1
       or (state ->> 'who')::uuid is distinct from me
       or pg_snapshot_xmax((state ->> 'base')::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
       or pg_snapshot_xmax((state ->> 'target')::pg_snapshot)
          > pg_snapshot_xmax(pg_current_snapshot())
       or not exists (select from private.feed f
                       where f.id = (state ->> 'feed')::uuid
                         and f.pruned_until < (state ->> 'base_at')::timestamptz)
       or jsonb_typeof(state -> 'known') <> 'array' or jsonb_typeof(state -> 'fill') <> 'array' then
      return null;
    end if;
    return state;
  exception when others then
    return null;
  end;
end $$;

CREATE FUNCTION private.record_accepted(ended jsonb[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stands constant text := (select s.state from public.service_state s where s.part = 'sending');
  known record;
  early record;
begin
  if ended = '{}' then
    return;
  end if;
  with told as (
    select (e ->> 'attempt_id')::uuid as attempt, r.*
      from unnest(ended) e
     cross join lateral jsonb_to_record(e -> 'outcome') as r (
       sid text, status text, http_status integer, error_code integer, error_text text, said text)),
  settled as (
    update public.delivery_attempts a
       set outcome = 'accepted', finished_at = clock_timestamp(), http_status = t.http_status,
           error_code = coalesce(t.error_code, a.error_code),
           words = coalesce(t.said, t.error_text, a.words), sid = coalesce(a.sid, t.sid)
      from told t
     where a.id = t.attempt and a.outcome in ('calling', 'uncertain')
    returning a.message_id, t.*)
  update public.messages m
     set message_sid = coalesce(m.message_sid, s.sid),
         status = case when private.status_rank(s.status) > private.status_rank(m.status)
                       then s.status else m.status end,
         error_code = coalesce(m.error_code, s.error_code),
         error_text = coalesce(m.error_text, s.error_text)
    from settled s
   where m.id = s.message_id
     and (m.message_sid is null
          or private.status_rank(s.status) > private.status_rank(m.status)
          or (m.error_code is null and s.error_code is not null)
          or (m.error_text is null and s.error_text is not null));

  -- What says something about the account; and callbacks that were quicker than this.
  for known in
    select a.message_id, e -> 'outcome' as outcome
      from unnest(ended) e join public.delivery_attempts a on a.id = (e ->> 'attempt_id')::uuid
     where stands is distinct from 'running'
        or private.stops_sending((e #>> '{outcome,error_code}')::integer)
  loop
    perform private.note_for_queue(known.message_id, known.outcome);
  end loop;
  for early in
    delete from private.early_statuses s
     where s.sid in (select e #>> '{outcome,sid}' from unnest(ended) e)
    returning s.sid, s.report
  loop
    select m.id into known from public.messages m where m.message_sid = early.sid;
    if known.id is null then  -- the attempt was settled with another SID
      insert into private.early_statuses (sid, report) values (early.sid, early.report);
    elsif private.advance_message(known.id, early.report) then
      perform private.note_for_queue(known.id, early.report);
    end if;
  end loop;
end
$$;

CREATE FUNCTION private.record_media(message_id uuid, index integer, element jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.messages m
     set media = jsonb_set(m.media, array[record_media.index::text],
                           (m.media -> record_media.index) || record_media.element)
   where m.id = record_media.message_id
     and m.media -> record_media.index is not null
$$;

CREATE FUNCTION private.record_outcome(attempt_id uuid, outcome jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  ended text := outcome ->> 'outcome';
  code constant integer := (outcome ->> 'error_code')::integer;
  message uuid;
  known public.messages;
begin
  if ended = 'accepted' then
    perform pg_advisory_xact_lock(hashtextextended('balas:sid:' || (outcome ->> 'sid'), 0));
    perform private.record_accepted(array[
      jsonb_build_object('attempt_id', attempt_id, 'outcome', outcome)]);
    return;
  end if;
  update public.delivery_attempts a
     set outcome = ended,
         finished_at = clock_timestamp(),
         http_status = (record_outcome.outcome ->> 'http_status')::integer,
         error_code = coalesce(code, a.error_code),
         words = coalesce(record_outcome.outcome ->> 'said',
                          record_outcome.outcome ->> 'error_text', a.words)
   where a.id = record_outcome.attempt_id and a.outcome in ('calling', 'uncertain')
  returning a.message_id into message;
  if message is null then
    return;
  end if;

  case ended
  when 'retry' then
    perform private.queue_again(record_outcome.attempt_id, message, record_outcome.outcome);
    if private.stops_sending(code) then
      perform private.stop_sending(code, record_outcome.outcome ->> 'said');
    end if;
  when 'refused' then
    perform private.advance_message(
      message, record_outcome.outcome || jsonb_build_object('status', 'failed'));
    perform private.note_for_queue(
      message, record_outcome.outcome || jsonb_build_object('status', 'failed'));
  else
    update public.messages m set status = 'uncertain'
     where m.id = message and m.status = 'sending';
    if found then
      perform private.enqueue(
        'settle_uncertain', jsonb_build_object('message_id', message), queue => 'settle',
        scheduled_at => now() + interval '2 seconds');
    else  -- a callback was quicker
      select * into known from public.messages m where m.id = message;
      update public.delivery_attempts a set outcome = 'settled'
       where a.id = record_outcome.attempt_id and known.message_sid is not null;
    end if;
  end case;
end
$$;

CREATE FUNCTION private.record_outcomes(ended jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  one jsonb;
begin
  -- All at the start and in one order; apply_status takes the same ones.
  perform pg_advisory_xact_lock(hashtextextended('balas:sid:' || s.sid, 0))
    from (select distinct e #>> '{outcome,sid}' as sid from jsonb_array_elements(ended) e
           where e #>> '{outcome,sid}' is not null order by 1) s;
  perform private.record_accepted(array(
    select e from jsonb_array_elements(ended) e where e #>> '{outcome,outcome}' = 'accepted'));
  for one in
    select e from jsonb_array_elements(ended) e where e #>> '{outcome,outcome}' <> 'accepted'
     order by e ->> 'attempt_id'
  loop
    perform private.record_outcome((one ->> 'attempt_id')::uuid, one -> 'outcome');
  end loop;
  return private.end_jobs(ended);
end
$$;

CREATE FUNCTION private.recount_tallies() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  lock table public.conversations, public.conversation_labels in share mode;
  delete from private.tallies;
  insert into private.tallies (inbox_id, label_id, status, assignee_id, n)
  select c.inbox_id, null, c.status, c.assignee_id, count(*)
    from public.conversations c group by c.inbox_id, c.status, c.assignee_id
  union all
  select c.inbox_id, l.label_id, c.status, c.assignee_id, count(*)
    from public.conversation_labels l join public.conversations c on c.id = l.conversation_id
   group by c.inbox_id, l.label_id, c.status, c.assignee_id;
end $$;

CREATE FUNCTION private.refuse(code text, sentence text, fix text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception using errcode = 'P0001', message = code, detail = sentence,
    hint = coalesce(fix, '');
end $$;

CREATE FUNCTION private.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception using errcode = 'P0001', message = 'append_only',
    detail = format('%s is append only.', tg_table_name),
    hint = 'Write a new entry instead.';
end $$;

CREATE FUNCTION private.release_abandoned(in_conversation uuid DEFAULT NULL::uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stuck record;
  released integer := 0;
begin
  for stuck in
    select m.id, m.attempt_id, a.id is not null and a.called_at is null as unsent
      from public.messages m
      left join public.delivery_attempts a on a.id = m.attempt_id
     where m.direction = 'outbound' and m.status = 'sending'
       and (in_conversation is null or m.conversation_id = in_conversation)
       and private.is_abandoned(a)
       for update of m skip locked
  loop
    if stuck.unsent then
      -- begin_call holds the message's row while it writes called_at: look again, now that it is
      -- ours.
      update public.delivery_attempts a
         set outcome = 'retry', finished_at = now(),
             words = 'The worker stopped before the call. Nothing was sent.'
       where a.id = stuck.attempt_id and a.called_at is null and a.outcome = 'calling';
      continue when not found;
      update public.messages m set status = 'queued' where m.id = stuck.id;
    else
      update public.messages m set status = 'uncertain' where m.id = stuck.id;
      update public.delivery_attempts a
         set outcome = 'uncertain', words = coalesce(a.words, 'The worker stopped during the call.')
       where a.id = stuck.attempt_id and a.outcome = 'calling';
      perform private.enqueue(
        'settle_uncertain', jsonb_build_object('message_id', stuck.id), queue => 'settle');
    end if;
    released := released + 1;
  end loop;
  return released;
end
$$;

CREATE FUNCTION private.renew_feed() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not exists (select from private.changes
                  where xid > pg_catalog.pg_current_xact_id()) then
    return false;
  end if;
  delete from private.changes;
  update private.feed set id = gen_random_uuid();
  return true;
end $$;

CREATE FUNCTION private.repeat_round(name text, pause interval) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update private.rounds r set due_at = least(r.due_at, now() + pause)
   where r.name = repeat_round.name
$$;

CREATE FUNCTION private.require_supervisor(what text) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may change ' || what || '.', 'Ask a supervisor.');
  end if;
end $$;

CREATE FUNCTION private.resume_triggers(resume text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  statement text;
begin
  foreach statement in array resume loop
    execute statement;
  end loop;
end $$;

CREATE FUNCTION private.ring() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  this constant text := pg_current_xact_id()::text;
  bell record;
begin
  if current_setting('balas.rung', true) = this then
    return null;
  end if;
  perform set_config('balas.rung', this, true);
  for bell in
    select t.topic, bool_or(c.urgent) as urgent,
           coalesce(array_agg(distinct c.conversation_id::text)
             filter (where c.conversation_id is not null), '{}') as conversations,
           coalesce(array_agg(distinct c.id) filter (where c.kind = 'messages'), '{}') as messages
      from private.changes c
     cross join lateral (
       select 'inbox:' || c.inbox_id as topic where c.inbox_id is not null
       union all
       select 'profile:' || c.profile_id where c.profile_id is not null
       union all
       select 'inbox:' || i.id from public.inboxes i
        where c.inbox_id is null and c.profile_id is null) t
     -- ours is the transaction's first change, so the others come after it
     where c.seq >= new.seq and c.xid = pg_current_xact_id()
     group by t.topic
  loop
    if not bell.urgent then
      -- Skip locked: whoever holds this row is ringing now, but may have been before us, so ours
      -- is left for the worker. Nobody waits for anybody.
      perform from private.bells b
        where b.topic = bell.topic and b.rung_at <= clock_timestamp() - interval '1 second'
          for update skip locked;
      if not found then
        insert into private.bells_due (topic, conversations, messages)
        values (bell.topic, bell.conversations[1:21], bell.messages[1:21]);
        continue;
      end if;
      update private.bells b set rung_at = clock_timestamp() where b.topic = bell.topic;
    end if;
    perform private.send_bell(bell.topic, bell.conversations, bell.messages);
  end loop;
  return null;
end $$;

CREATE FUNCTION private.ring_due_bells() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  bell record;
  rung integer := 0;
begin
  for bell in
    with due as (
      delete from private.bells_due
       where id in (select id from private.bells_due for update skip locked)
      returning topic, conversations, messages)
    select topic,
           array(select distinct e from due d, unnest(d.conversations) e
                  where d.topic = t.topic) as conversations,
           array(select distinct e from due d, unnest(d.messages) e
                  where d.topic = t.topic) as messages
      from (select distinct topic from due) t
  loop
    insert into private.bells as b (topic, rung_at) values (bell.topic, clock_timestamp())
      on conflict (topic) do update set rung_at = excluded.rung_at;
    perform private.send_bell(bell.topic, bell.conversations, bell.messages);
    rung := rung + 1;
  end loop;
  return rung;
end $$;

CREATE FUNCTION private.route(thread public.conversations, is_template boolean, OUT channel text, OUT sender text, OUT recipient text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  inbox public.inboxes;
  person public.contacts;
  opted_out timestamptz;
begin
  select * into inbox from public.inboxes i where i.id = thread.inbox_id;
  select * into person from public.contacts p where p.id = thread.contact_id;
  channel := inbox.channel;
  sender := inbox.address;
  if inbox.address is null and inbox.messaging_service_sid is null then
    perform private.refuse('no_sender', 'This inbox has no number to send from.',
      'The thread moves to an inbox of yours when the customer writes again.');
  end if;
  if person.blocked then
    perform private.refuse('blocked', 'This contact is blocked.', 'Unblock the contact first.');
  end if;
  -- Where they last wrote from, as long as that is still theirs; else the newest address they have.
  select a.address, a.opted_out_at into recipient, opted_out
    from public.contact_addresses a
   where a.contact_id = person.id and a.channel = inbox.channel
   order by (a.address = (
              select m.from_number from public.messages m
               where m.conversation_id = thread.id and m.direction = 'inbound'
               order by m."timestamp" desc limit 1)) desc nulls last,
            a.created_at desc, a.address
   limit 1;
  if recipient is null then
    perform private.refuse('no_address', 'This contact has no address on this channel.',
      'Add a number to the contact.');
  end if;
  if opted_out is not null then
    perform private.refuse('opted_out', 'The customer opted out.',
      'Only they can opt in again, by writing START.');
  end if;
  -- WhatsApp's rule, judged by server time:
  -- https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window
  if channel = 'whatsapp' and not is_template
     and coalesce(thread.last_inbound_at, '-infinity') <= clock_timestamp() - interval '24 hours'
  then
    perform private.refuse('window_closed', 'More than 24 hours since the customer wrote.',
      'Send a template.');
  end if;
end $$;

CREATE FUNCTION private.send_bell(topic text, conversations text[], messages text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  -- a bell says where to look; past this many ids it only says that there is much
  most constant integer := 20;
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    case when cardinality(conversations) + cardinality(messages) > most
      then jsonb_build_object('many', true)
      else jsonb_build_object('conversations', to_jsonb(conversations),
                              'messages', to_jsonb(messages)) end,
    'changed', topic, true);
exception when others then
  raise warning 'The doorbell % failed: %', topic, sqlerrm;
end $$;

CREATE FUNCTION private.sent_messages(ids uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object('messages',
      coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp"), '[]'))
    from public.messages m where m.id = any (ids)
$$;

CREATE FUNCTION private.service_health() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  queue jsonb;
begin
  if to_regclass('jobs.procrastinate_jobs') is not null then
    -- The due job with the lowest id is the oldest one, but for those that were put off.
    execute $query$
      with due as (
        select j.id, j.scheduled_at from jobs.procrastinate_jobs j
         where j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= now()))
      select jsonb_build_object(
        'waiting', (select count(*) from due),
        'lag_seconds', coalesce((
          select extract(epoch from now() - coalesce(
                   d.scheduled_at, (select min(e.at) from jobs.procrastinate_events e
                                     where e.job_id = d.id)))
            from due d order by d.id limit 1), 0))
    $query$ into queue;
  end if;
  return jsonb_build_object(
    'queue', queue,
    'messages', (select coalesce(jsonb_object_agg(s.status, s.n), '{}') from (
      select m.status, count(*) as n from public.messages m
       where m.direction = 'outbound' and m.status in ('queued', 'sending', 'uncertain')
       group by m.status) s));
end
$_$;

CREATE FUNCTION private.service_metrics() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  jobs jsonb := '[]';
  workers jsonb := '{}';
begin
  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      select coalesce(jsonb_agg(jsonb_build_object(
               'queue', j.queue_name, 'state', j.state, 'count', j.n)), '[]')
        from (select q.queue_name,
                     case q.status::text when 'doing' then 'running' when 'failed' then 'failed'
                       else case when q.scheduled_at > now() then 'later' else 'waiting' end
                     end as state,
                     count(*) as n
                from jobs.procrastinate_jobs q
               where q.status in ('todo', 'doing', 'failed') group by 1, 2) j
    $query$ into jobs;
    execute $query$
      select jsonb_build_object(
        'alive', count(*) filter (where last_heartbeat > now() - interval '30 seconds'),
        'silent', count(*) filter (where last_heartbeat <= now() - interval '30 seconds'))
        from jobs.procrastinate_workers
    $query$ into workers;
  end if;
  return private.service_health() || jsonb_build_object(
    'jobs', jobs,
    'workers', workers,
    'sends', (select coalesce(jsonb_object_agg(s.label, s.n), '{}') from (
      select t.label, sum(t.n) as n
        from (select label, value as n from private.counters where name = 'sends'
              union all
              select label, n from private.tally where name = 'sends') t
       group by 1) s),
    'uncertain_seconds', (
      select coalesce(extract(epoch from now() - min(m.updated_at)), 0) from public.messages m
       where m.direction = 'outbound' and m.status = 'uncertain'),
    'sending', (select s.state from public.service_state s where s.part = 'sending'),
    'completeness', private.sweep_health());
end $_$;

CREATE FUNCTION private.sha1(data bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
declare
  mask constant bigint := 4294967295;
  padded bytea;
  w bigint[];
  h bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
begin
  padded := data || '\x80'::bytea
    || decode(repeat('00', (119 - length(data) % 64) % 64), 'hex')
    || int8send(length(data)::bigint * 8);
  for block in 0 .. length(padded) / 64 - 1 loop
    for i in 0 .. 15 loop
      t := block * 64 + i * 4;
      w[i] := (get_byte(padded, t::int)::bigint << 24) | (get_byte(padded, t::int + 1) << 16)
        | (get_byte(padded, t::int + 2) << 8) | get_byte(padded, t::int + 3);
    end loop;
    for i in 16 .. 79 loop
      t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
      w[i] := ((t << 1) | (t >> 31)) & mask;
    end loop;
    a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
    for i in 0 .. 79 loop
      if i < 20 then
        f := (b & c) | ((b # mask) & d); k := 1518500249;
      elsif i < 40 then
        f := b # c # d; k := 1859775393;
      elsif i < 60 then
        f := (b & c) | (b & d) | (c & d); k := 2400959708;
      else
        f := b # c # d; k := 3395469782;
      end if;
      t := (((a << 5) | (a >> 27)) & mask) + f + e + k + w[i];
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t & mask;
    end loop;
    h := array[(h[1] + a) & mask, (h[2] + b) & mask, (h[3] + c) & mask, (h[4] + d) & mask,
      (h[5] + e) & mask];
  end loop;
  return decode(lpad(to_hex(h[1]), 8, '0') || lpad(to_hex(h[2]), 8, '0')
    || lpad(to_hex(h[3]), 8, '0') || lpad(to_hex(h[4]), 8, '0') || lpad(to_hex(h[5]), 8, '0'),
    'hex');
end $$;

CREATE FUNCTION private.shared_wanted() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'profiles', (select coalesce(jsonb_agg(id), '[]') from public.profiles),
    'labels', (select coalesce(jsonb_agg(id), '[]') from public.labels),
    'canned_replies', (select coalesce(jsonb_agg(id), '[]') from public.canned_replies),
    'templates', (select coalesce(jsonb_agg(id), '[]') from public.templates),
    'service_state', (select coalesce(jsonb_agg(id), '[]') from public.service_state))
$$;

CREATE FUNCTION private.start_fill(inboxes uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select private.fill_stage(
    jsonb_build_object('inboxes', to_jsonb(inboxes), 'start', now()), 'heads')
$$;

CREATE FUNCTION private.status_rank(status text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select case status
    when 'scheduled' then 0 when 'queued' then 1 when 'sending' then 2 when 'uncertain' then 3
    when 'accepted' then 4 when 'sent' then 5
    when 'failed' then 6 when 'undelivered' then 6 when 'canceled' then 6
    when 'delivered' then 7 when 'read' then 8 when 'received' then 9
    else -1 end
$$;

CREATE FUNCTION private.stop_pause(failures integer) RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select least(10 * 2 ^ least(failures, 10), 600) * interval '1 second' $$;

CREATE FUNCTION private.stop_sending(code integer, words text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  before text;
  times integer := 0;
begin
  select s.state into before from public.service_state s where s.part = 'sending' for update;
  if before is distinct from 'running' and before is distinct from 'trying' then
    return;
  end if;
  update private.sending_trial t
     set message_id = null, began_at = null,
         failures = case before when 'trying' then t.failures + 1 else 0 end
  returning t.failures into times;
  update public.service_state s
     set state = 'stopped', error_code = code, error_text = words,
         since = case before when 'running' then now() else s.since end,
         next_try_at = now() + private.stop_pause(times), updated_at = now()
   where s.part = 'sending';
end
$$;

CREATE FUNCTION private.stops_sending(code integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$ select coalesce(code in (20003, 30002, 63051), false) $$;

CREATE FUNCTION private.store_templates(listed jsonb) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  stored integer;
  gone integer;
begin
  insert into public.templates as t (
    content_sid, name, language, body, variables, types, status, category, rejection_reason)
  select n.content_sid, n.name, n.language, n.body, n.variables, n.types, n.status, n.category,
         n.rejection_reason
    from jsonb_to_recordset(listed) as n (
      content_sid text, name text, language text, body text, variables jsonb, types jsonb,
      status text, category text, rejection_reason text)
  on conflict (content_sid) do update
    set name = excluded.name, language = excluded.language, body = excluded.body,
        variables = excluded.variables, types = excluded.types, status = excluded.status,
        category = excluded.category, rejection_reason = excluded.rejection_reason
    where (t.name, t.language, t.body, t.variables, t.types, t.status, t.category,
           t.rejection_reason)
      is distinct from (excluded.name, excluded.language, excluded.body, excluded.variables,
           excluded.types, excluded.status, excluded.category, excluded.rejection_reason);
  get diagnostics stored = row_count;
  delete from public.templates t
   where t.content_sid not in (
     select n ->> 'content_sid' from jsonb_array_elements(listed) n);
  get diagnostics gone = row_count;
  return stored + gone;
end
$$;

CREATE FUNCTION private.sum_tally() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  rows_gone bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:tally', 0)) then
    return 0;
  end if;
  with gone as (
    delete from private.tally returning name, label, n),
  sums as (
    select g.name, g.label, sum(g.n)::bigint as n, count(*) as times from gone g group by 1, 2),
  added as (
    insert into private.counters as c (name, label, value)
    select s.name, s.label, s.n from sums s
    on conflict (name, label) do update set value = c.value + excluded.value)
  select coalesce(sum(s.times), 0) into rows_gone from sums s;
  return rows_gone;
end $$;

CREATE FUNCTION private.sweep() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  waiting record;
  kicked int := 0;
  files int := 0;
  checks int := 0;
  released int;
begin
  -- One sweeper at a time is enough, whatever the number of workers.
  if to_regclass('jobs.procrastinate_jobs') is null
     or not pg_try_advisory_xact_lock(hashtextextended('balas:sweep', 0)) then
    return null;
  end if;
  released := private.release_abandoned();
  kicked := private.kick_queued(interval '5 seconds');
  for waiting in
    select m.id from public.messages m
     where m.direction = 'outbound' and m.status = 'uncertain' and m.message_sid is null
       and m.updated_at between now() - interval '15 minutes' and now() - interval '10 seconds'
     order by m."timestamp" limit 200
  loop
    if not private.has_job(null, 'settle_uncertain', waiting.id) then
      perform private.enqueue(
        'settle_uncertain', jsonb_build_object('message_id', waiting.id), queue => 'settle');
      checks := checks + 1;
    end if;
  end loop;
  for waiting in
    select m.id from public.messages m
     where m.media @> '[{"state": "pending"}]'
       and m."timestamp" < now() - interval '30 seconds'
     order by m."timestamp" limit 200
  loop
    if not private.has_job(null, 'copy_media', waiting.id) then
      perform private.enqueue(
        'copy_media', jsonb_build_object('message_id', waiting.id), queue => 'media');
      files := files + 1;
    end if;
  end loop;
  delete from private.early_statuses e where e.received_at < now() - interval '7 days';
  return jsonb_build_object(
    'sends', kicked, 'files', files, 'checks', checks, 'released', released);
end
$$;

CREATE FUNCTION private.sweep_begin(who uuid, settle interval, step interval, lease interval, overlap interval) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  state private.sweep_state;
  back timestamptz;
  until constant timestamptz := date_trunc('second', clock_timestamp() - settle);
begin
  insert into private.sweep_state default values on conflict do nothing;
  update private.sweep_state s set holder = who, held_until = clock_timestamp() + lease
   where s.holder is null or s.holder = who or s.held_until < clock_timestamp()
  returning s.* into state;
  if state.singleton is null then
    return null;
  end if;
  -- An address that was not ours when its messages were listed, and is now.
  with ours as (
    delete from private.sweep_elsewhere e using public.inboxes i
     where i.address = e.address and not i.adopted
    returning e.first_at)
  select min(first_at) into back from ours;
  if back < state.complete_to then
    update private.sweep_state s set complete_to = greatest(back, s.since)
    returning s.* into state;
  end if;
  if until < state.complete_to + step then
    update private.sweep_state s set holder = null where s.holder = who;
    return null;
  end if;
  return jsonb_build_object(
    'from', greatest(state.complete_to - overlap, state.since), 'to', until);
end
$$;

CREATE FUNCTION private.sweep_compare(listed jsonb) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  wanted text[];
begin
  with seen as materialized (
    select l.sid, l.inbound, l."from", l."to", l.at, l.status, l.error_code, m.id as message,
           m.status as stored, m.error_code as stored_code,
           private.our_inbox(case when l.inbound then l."to" else l."from" end,
                             l.service_sid, l.channel) as inbox
      from jsonb_to_recordset(listed) as l (sid text, inbound boolean, "from" text, "to" text,
             channel text, service_sid text, at timestamptz, status text, error_code int)
      left join public.messages m on m.message_sid = l.sid),
  elsewhere as (
    insert into private.sweep_elsewhere as e (address, first_at, last_at)
    select s."to", min(s.at), max(s.at) from seen s
     where s.inbound and s.message is null and s.inbox is null group by s."to"
    on conflict (address) do update
      set first_at = least(e.first_at, excluded.first_at),
          last_at = greatest(e.last_at, excluded.last_at))
  select array_agg(s.sid) into wanted from seen s
   where (s.message is null and s.inbox is not null)
      or (not s.inbound and s.message is not null
          and (private.status_rank(s.status) > private.status_rank(s.stored)
               or (s.error_code is not null and s.stored_code is null)));
  return coalesce(wanted, '{}');
end
$$;

CREATE FUNCTION private.sweep_end(who uuid, trouble text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update private.sweep_state s
     set holder = null,
         held_until = null,
         failing_since = case when trouble is null then s.failing_since
                              else coalesce(s.failing_since, clock_timestamp()) end,
         why = coalesce(trouble, s.why)
   where s.holder = who
$$;

CREATE FUNCTION private.sweep_health() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'since', s.since, 'complete_to', s.complete_to, 'checked_at', s.checked_at,
    'behind_seconds', extract(epoch from clock_timestamp() - s.complete_to),
    'running', coalesce(s.held_until > clock_timestamp(), false),
    'pages', s.pages, 'listed', s.listed,
    'filled', (select jsonb_build_object(
                 'inbound', count(*) filter (where f.direction = 'inbound'),
                 'outbound', count(*) filter (where f.direction = 'outbound'))
               from private.sweep_fills f),
    'unsure', (select count(*) from private.sweep_unsure),
    'elsewhere', (select coalesce(jsonb_agg(to_jsonb(e) order by e.address), '[]')
                    from private.sweep_elsewhere e),
    'failing_since', s.failing_since, 'why', s.why)
  from private.sweep_state s
$$;

CREATE FUNCTION private.sweep_hold(who uuid, lease interval) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update private.sweep_state s set held_until = clock_timestamp() + lease where s.holder = who;
  return found;
end
$$;

CREATE FUNCTION private.sweep_outbound(listed jsonb, report jsonb) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  sid constant text := listed ->> 'sid';
  recipient constant text := listed ->> 'to';
  at constant timestamptz := (listed ->> 'at')::timestamptz;
  inbox uuid := private.our_inbox(
    listed ->> 'from', listed ->> 'service_sid', listed ->> 'channel');
  candidate record;
  contact uuid;
  thread uuid;
  is_new boolean;
  moment timestamptz;
  message uuid;
  early record;
begin
  if exists (select from public.messages m where m.message_sid = sid) then
    delete from private.sweep_unsure u where u.sid = sweep_outbound.listed ->> 'sid';
    perform private.apply_status(report);
    return 'reported';
  end if;
  if inbox is null then
    return 'foreign';
  end if;

  select a.id as attempt, a.started_at,
         btrim(coalesce(m.content, ''), E' \r\n\t')
           = btrim(coalesce(listed ->> 'content', ''), E' \r\n\t')
           or m.metadata ? 'template' as same
    into candidate
    from public.messages m
    join public.delivery_attempts a on a.message_id = m.id
   where m.direction = 'outbound' and m.message_sid is null and m.to_number = recipient
     and a.outcome in ('calling', 'uncertain', 'settled')
     and at between a.started_at - interval '2 minutes' and a.started_at + interval '5 minutes'
   order by same desc, abs(extract(epoch from at - a.started_at)) limit 1;
  if candidate.attempt is not null then
    -- What is younger is still being looked up, and called back for.
    if candidate.same and candidate.started_at < now() - interval '11 minutes' then
      perform private.apply_status(
        report || jsonb_build_object('attempt_id', candidate.attempt));
      delete from private.sweep_unsure u where u.sid = sweep_outbound.listed ->> 'sid';
      return 'settled';
    elsif candidate.same or candidate.started_at > now() - interval '24 hours' then
      insert into private.sweep_unsure (sid, listed, report)
      values (sweep_outbound.listed ->> 'sid', sweep_outbound.listed, sweep_outbound.report)
      on conflict do nothing;
      return 'unsure';
    end if;
  end if;

  -- The locks and their order are those of private.ingest and private.apply_status.
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || recipient, 0));
  perform pg_advisory_xact_lock(hashtextextended('balas:sid:' || sid, 0));
  contact := private.contact_for(
    array[recipient], listed ->> 'channel', listed ->> 'phone', null);
  is_new := not exists (select from public.conversations c
                         where c.contact_id = contact and (c.inbox_id = inbox or c.adopted));
  thread := private.conversation_for(inbox, contact);
  perform from public.conversations c where c.id = thread for update;
  moment := private.late_moment(thread, at);
  insert into public.messages (
    conversation_id, message_sid, direction, message_type, content, media_url, media_content_type,
    "timestamp", from_number, to_number, media, status, error_code, error_text, metadata)
  values (
    thread, sid, 'outbound', listed ->> 'message_type', listed ->> 'content',
    listed #>> '{media,0,url}', listed #>> '{media,0,content_type}',
    moment, listed ->> 'from', recipient, listed -> 'media', report ->> 'status',
    (report ->> 'error_code')::int, report ->> 'error_text', listed -> 'metadata')
  on conflict (message_sid) do nothing
  returning id into message;
  if message is null then
    return 'reported';
  end if;
  for early in delete from private.early_statuses e where e.sid = sweep_outbound.listed ->> 'sid'
    returning e.report
  loop
    perform private.advance_message(message, early.report);
  end loop;
  update public.conversations c
     set last_message_at = moment, status = case when is_new then 'resolved' else c.status end
   where c.id = thread;
  insert into private.sweep_fills (sid, message_id, inbox_id, direction, written_at)
  values (sweep_outbound.listed ->> 'sid', message, inbox, 'outbound', at);
  delete from private.sweep_unsure u where u.sid = sweep_outbound.listed ->> 'sid';
  if jsonb_array_length(listed -> 'media') > 0 then
    perform private.enqueue(
      'copy_media', jsonb_build_object('message_id', message), queue => 'media');
  end if;
  return 'outside';
end
$$;

CREATE FUNCTION private.sweep_reached(who uuid, until timestamp with time zone, pages integer, listed integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update private.sweep_state s
     set complete_to = greatest(s.complete_to, until),
         checked_at = clock_timestamp(),
         pages = s.pages + sweep_reached.pages,
         listed = s.listed + sweep_reached.listed,
         failing_since = null,
         why = null
   where s.holder = who;
  return found;
end
$$;

CREATE FUNCTION private.sweep_unsure_again() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  unsure record;
begin
  for unsure in select u.listed, u.report from private.sweep_unsure u order by u.since limit 500
  loop
    perform private.sweep_outbound(unsure.listed, unsure.report);
  end loop;
  return (select count(*) from private.sweep_unsure);
end
$$;

CREATE FUNCTION private.take_round(name text, every interval) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  insert into private.rounds as r (name, due_at) values (take_round.name, now() + every)
  on conflict on constraint rounds_pkey do update set due_at = excluded.due_at
    where r.due_at <= now();
  return found;
end
$$;

CREATE FUNCTION private.take_turn(sender text, recipient text, per_second integer) RETURNS double precision
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  step constant interval := interval '1 second' / per_second;
  turn timestamptz;
begin
  insert into private.sender_pace as p (sender, next_at)
  values (take_turn.sender, clock_timestamp() + step)
  on conflict on constraint sender_pace_pkey do update set next_at = greatest(p.next_at, clock_timestamp()) + step
  returning p.next_at - step into turn;
  insert into private.pair_pace as p (sender, recipient, sent_at)
  values (take_turn.sender, take_turn.recipient, array[turn])
  on conflict on constraint pair_pace_pkey
    do update set sent_at = private.lately(p.sent_at) || excluded.sent_at;
  return greatest(0, extract(epoch from turn - clock_timestamp()));
end
$$;

CREATE FUNCTION private.take_up_again(thread public.conversations) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  insert into private.changes (kind, id, inbox_id, conversation_id, op)
  select 'conversations', thread.id::text, thread.inbox_id, thread.id, 'arrive'
   where thread.status = 'resolved'
     and coalesce(thread.last_message_at, thread.created_at) <= now() - interval '30 days'
$$;

CREATE FUNCTION private.tally_conversation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  lines integer;
begin
  if tg_op = 'INSERT' then
    insert into private.tallies (inbox_id, status, assignee_id, n)
    values (new.inbox_id, new.status, new.assignee_id, 1);
  elsif tg_op = 'DELETE' then
    insert into private.tallies (inbox_id, label_id, status, assignee_id, n)
    select old.inbox_id, null, old.status, old.assignee_id, -1
    union all
    select old.inbox_id, l.label_id, old.status, old.assignee_id, -1
      from public.conversation_labels l where l.conversation_id = old.id;
  else
    insert into private.tallies (inbox_id, label_id, status, assignee_id, n)
    select t.inbox_id, l.label_id, t.status, t.assignee_id, t.n
      from (values (old.inbox_id, old.status, old.assignee_id, -1),
                   (new.inbox_id, new.status, new.assignee_id, 1))
             as t (inbox_id, status, assignee_id, n)
     cross join (
       select null::uuid as label_id
       union all
       select c.label_id from public.conversation_labels c where c.conversation_id = new.id) l;
  end if;
  get diagnostics lines = row_count;
  if currval('private.tallies_id_seq') % 1024 < lines then
    perform private.fold_tallies();
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;

CREATE FUNCTION private.tally_label() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  mark constant public.conversation_labels := case tg_op when 'DELETE' then old else new end;
  thread public.conversations;
  is_due boolean;
begin
  -- The whole label is being deleted, and its numbers with it.
  if tg_op = 'DELETE' and not exists (select from public.labels l where l.id = mark.label_id) then
    return null;
  end if;
  select * into thread from public.conversations c where c.id = mark.conversation_id
     for no key update;
  if thread.id is not null then
    insert into private.tallies (inbox_id, label_id, status, assignee_id, n)
    values (thread.inbox_id, mark.label_id, thread.status, thread.assignee_id,
      case tg_op when 'DELETE' then -1 else 1 end)
    returning id % 1024 = 0 into is_due;
    if is_due then
      perform private.fold_tallies();
    end if;
  end if;
  return null;
end $$;

CREATE FUNCTION private.tell(thread public.conversations, kind text, data jsonb) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  told uuid;
begin
  perform private.take_up_again(thread);
  insert into public.events (conversation_id, kind, actor_id, data, created_at)
  -- the clock, not the transaction's start: of two who waited for each other the order shows
  values (thread.id, tell.kind, auth.uid(), jsonb_strip_nulls(tell.data), clock_timestamp())
  returning id into told;
  return told;
end $$;

CREATE FUNCTION private.thread_heads(threads uuid[], me uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    with heads as (
      select m.id from unnest(threads) t (id)
       cross join lateral (
         select id from public.messages where conversation_id = t.id
          order by "timestamp" desc, id desc limit 20) m)
    select jsonb_build_object(
      'conversations', to_jsonb(threads),
      'messages', (select coalesce(jsonb_agg(id), '[]') from heads),
      'delivery_attempts', (
        select coalesce(jsonb_agg(d.id), '[]') from heads
         -- by the index for each message, never the whole table hashed
         cross join lateral (
           select id from public.delivery_attempts where message_id = heads.id offset 0) d),
      'notes', (
        select coalesce(jsonb_agg(n.id), '[]') from unnest(threads) t (id)
         cross join lateral (
           select id from public.notes where conversation_id = t.id
            order by created_at desc limit 50) n),
      'events', (
        select coalesce(jsonb_agg(e.id), '[]') from unnest(threads) t (id)
         cross join lateral (
           select id from public.events where conversation_id = t.id
            order by created_at desc limit 50) e),
      'conversation_labels', (
        select coalesce(jsonb_agg(l.conversation_id || ':' || l.label_id), '[]')
          from public.conversation_labels l where l.conversation_id = any (threads)),
      'reads', (
        select coalesce(jsonb_agg(conversation_id), '[]') from public.reads
         where profile_id = me and conversation_id = any (threads)),
      'drafts', (
        select coalesce(jsonb_agg(conversation_id), '[]') from public.drafts
         where profile_id = me and conversation_id = any (threads))));
end $$;

CREATE FUNCTION private.touch() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  new.updated_at := now();
  return new;
end $$;

CREATE FUNCTION private.try_sending() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update public.service_state s set state = 'trying', next_try_at = null, updated_at = now()
   where s.part = 'sending' and s.state = 'stopped';
  if not found then
    return false;
  end if;
  update private.sending_trial set message_id = null, began_at = null;
  perform private.kick_queued();
  return true;
end
$$;

CREATE FUNCTION private.turn_wait(sender text, recipient text, per_pair integer) RETURNS double precision
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- turns that are farther away than this are not taken: a worker's places are for what can leave
  near constant interval := interval '1 second';
  recent timestamptz[];
  pace private.sender_pace;
begin
  select private.lately(p.sent_at) into recent from private.pair_pace p
   where p.sender = turn_wait.sender and p.recipient = turn_wait.recipient;
  if cardinality(recent) >= per_pair then
    return extract(epoch from recent[cardinality(recent) - per_pair + 1]
      + private.half_minute() - clock_timestamp());
  end if;
  select * into pace from private.sender_pace p where p.sender = turn_wait.sender;
  if greatest(pace.held_until, pace.next_at - near) > clock_timestamp() then
    return greatest(0.1, extract(epoch from
      greatest(pace.held_until, pace.next_at - near / 2) - clock_timestamp()));
  end if;
  return null;
end
$$;

CREATE FUNCTION private.type_of(content_type text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case
    when content_type is null then 'text'
    when split_part(content_type, '/', 1) in ('image', 'video', 'audio')
      then split_part(content_type, '/', 1)
    else 'document' end
$$;

CREATE FUNCTION private.uncertain_message(message_id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'message_id', m.id, 'attempt_id', a.id, 'to', m.to_number,
    'sender', case when i.messaging_service_sid is null then m.from_number end,
    'content', m.content, 'files', jsonb_array_length(m.media),
    'template', m.metadata -> 'template' is not null,
    'started_at', a.started_at,
    'now', clock_timestamp())
  from public.messages m
  join public.delivery_attempts a on a.id = m.attempt_id
  left join public.conversations c on c.id = m.conversation_id
  left join public.inboxes i on i.id = c.inbox_id
  where m.id = uncertain_message.message_id and m.status = 'uncertain' and m.message_sid is null
$$;

CREATE FUNCTION private.unclaimed_sids(sids text[]) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select coalesce(array_agg(s), '{}') from unnest(sids) s
   where not exists (select from public.messages m where m.message_sid = s)
$$;

CREATE FUNCTION private.unnumbered_messages(many integer DEFAULT 50) RETURNS TABLE(message_id uuid, message_sid text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select m.id, m.message_sid
    from public.messages m
    join public.conversations c on c.id = m.conversation_id
   where m.message_sid is not null and (m.from_number is null or m.to_number is null)
     and coalesce(m.status, '') not in ('scheduled', 'queued', 'sending', 'uncertain')
     and not m.metadata ? 'numbers_unknown'
   order by exists (select from public.contact_addresses a where a.contact_id = c.contact_id),
            m."timestamp" desc
   limit many
$$;

CREATE FUNCTION private.uuid5(namespace uuid, name text) RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
declare
  digest bytea := private.sha1(uuid_send(namespace) || convert_to(name, 'UTF8'));
begin
  digest := set_byte(digest, 6, (get_byte(digest, 6) & 15) | 80);
  digest := set_byte(digest, 8, (get_byte(digest, 8) & 63) | 128);
  return encode(substr(digest, 1, 16), 'hex')::uuid;
end $$;

CREATE FUNCTION private.wake_snoozed() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  woken integer;
begin
  with due as (
    select c.id from public.conversations c
     where c.status = 'snoozed' and c.snoozed_until <= now()
     order by c.snoozed_until limit 500
       for update skip locked),
  opened as (
    update public.conversations c set status = 'open', snoozed_until = null
      from due where c.id = due.id
    returning c.id)
  insert into public.events (conversation_id, kind, data)
  select opened.id, 'reopened', '{"by": "time", "was": "snoozed"}' from opened;
  get diagnostics woken = row_count;
  return woken;
end $$;

CREATE FUNCTION private.write_cursor(state jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select translate(encode(convert_to(state::text, 'UTF8'), 'base64'), E'\n', '')
$$;

CREATE FUNCTION private.yield_turn(message_id uuid, conversation uuid, always boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  others boolean;
begin
  execute $query$
    select exists (select from jobs.procrastinate_jobs j
                    where j.status = 'todo' and j.queue_name = 'send' and j.lock <> $1
                      and (j.scheduled_at is null or j.scheduled_at <= now()))
  $query$ into others using 'conversation:' || conversation;
  if others or always then
    perform private.enqueue(
      'send_message', jsonb_build_object('message_id', yield_turn.message_id),
      lock => 'conversation:' || conversation, queue => 'send');
  end if;
  return others or always;
end
$_$;

CREATE FUNCTION public.add_note(id uuid, conversation_id uuid, body text, mentions uuid[] DEFAULT '{}'::uuid[]) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread public.conversations;
  words constant text := btrim(coalesce(add_note.body, ''), E' \t\r\n');
  told uuid[];
  dropped jsonb;
  saved public.notes;
begin
  select * into thread from public.conversations c
   where c.id = add_note.conversation_id and c.inbox_id in (select private.my_inboxes());
  if thread.id is null then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  if add_note.id is null then
    perform private.refuse('bad_id', 'The note has no id.');
  end if;
  if words = '' then
    perform private.refuse('empty_message', 'The note is empty.', 'Write something.');
  end if;
  if char_length(words) > 10000 then
    perform private.refuse('too_long', 'The note is longer than 10,000 characters.',
      'Shorten it, or write two.');
  end if;
  if cardinality(coalesce(add_note.mentions, '{}')) > 50 then
    perform private.refuse('too_many_mentions', 'A note mentions at most 50 people.',
      'Mention fewer.');
  end if;

  with named as (
    select m.who, min(m.n) as n, private.may_see(m.who, thread.inbox_id) as sees
      from unnest(add_note.mentions) with ordinality m (who, n)
     where m.who is not null group by m.who)
  select coalesce(array_agg(n.who order by n.n) filter (where n.sees), '{}'),
         coalesce(jsonb_agg(jsonb_build_object('id', n.who, 'name', private.name_of(n.who),
           'reason', 'cannot_see') order by n.n) filter (where not n.sees), '[]')
    into told, dropped from named n;

  insert into public.notes as n (id, conversation_id, author_id, body, mentions, created_at)
  values (add_note.id, thread.id, auth.uid(), words, told, clock_timestamp())
  on conflict on constraint notes_pkey do nothing
  returning * into saved;
  if found then
    perform private.take_up_again(thread);
  else
    select * into saved from public.notes n
     where n.id = add_note.id and n.conversation_id = thread.id and n.author_id = auth.uid();
    if saved.id is null then
      perform private.refuse('not_allowed', 'This id belongs to another note.', 'Write it anew.');
    end if;
  end if;
  return jsonb_build_object('notes', jsonb_build_array(to_jsonb(saved)), 'dropped', dropped);
end $$;

CREATE FUNCTION public.assign(conversation_id uuid, assignee_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations := private.lock_my_conversation(assign.conversation_id);
  name text;
begin
  if thread.assignee_id is not distinct from assign.assignee_id then
    return private.changed_thread(thread.id);
  end if;
  if assign.assignee_id is not null and not private.may_see(assign.assignee_id, thread.inbox_id)
  then
    name := private.name_of(assign.assignee_id);
    perform private.refuse('cannot_see',
      coalesce(nullif(name, ''), 'This person') || ' cannot see this inbox.',
      'Choose someone who works in it, or ask an administrator to add them.');
  end if;
  update public.conversations c set assignee_id = assign.assignee_id where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread,
    case when assign.assignee_id is null then 'unassigned' else 'assigned' end,
    jsonb_build_object(
      'assignee_id', assign.assignee_id, 'assignee_name', private.name_of(assign.assignee_id),
      'from_id', thread.assignee_id, 'from_name', private.name_of(thread.assignee_id))));
end $$;

CREATE FUNCTION public.completeness() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  health jsonb := coalesce(private.sweep_health(), '{}');
begin
  if not private.is_staff() then
    perform private.refuse('not_allowed', 'This is for the people who work here.',
      'Ask an administrator for access.');
  end if;
  return jsonb_build_object(
    'server_time', clock_timestamp(),
    'since', health -> 'since',
    'complete_to', health -> 'complete_to',
    'checked_at', health -> 'checked_at',
    'running', coalesce(health -> 'running', 'false'),
    'failing_since', health -> 'failing_since',
    'why', health -> 'why',
    'unsure', coalesce(health -> 'unsure', '0'),
    'filled', (select count(*) from private.sweep_fills f
                where f.inbox_id in (select private.my_inboxes())),
    'fills', (select coalesce(jsonb_agg(to_jsonb(f) order by f.filled_at desc), '[]') from (
                select g.message_id, m.conversation_id, g.direction, g.written_at, g.filled_at
                  from private.sweep_fills g
                  join public.messages m on m.id = g.message_id
                  join public.conversations c on c.id = m.conversation_id
                 where c.inbox_id in (select private.my_inboxes())
                 order by g.filled_at desc limit 20) f))
    || case when private.is_admin()
         then jsonb_build_object('elsewhere', coalesce(health -> 'elsewhere', '[]'))
         else '{}' end;
end
$$;

CREATE FUNCTION public.counters(inbox_id uuid DEFAULT NULL::uuid, label_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  with mine as materialized (select id from private.my_inboxes() id),
  seen as materialized (
    select t.inbox_id, t.label_id, t.status, t.assignee_id, t.n
      from private.tallies t where t.inbox_id in (select id from mine)),
  chosen as (
    select s.status, s.assignee_id, s.n from seen s
     where s.label_id is not distinct from counters.label_id
       and (counters.inbox_id is null or s.inbox_id = counters.inbox_id)),
  sums as (
    select coalesce(sum(n) filter (where status = 'open'
                                     and assignee_id = (select auth.uid())), 0) as mine,
           coalesce(sum(n) filter (where status = 'open' and assignee_id is null), 0) as unassigned,
           coalesce(sum(n) filter (where status = 'open'), 0) as "all",
           coalesce(sum(n) filter (where status = 'snoozed'), 0) as snoozed,
           coalesce(sum(n) filter (where status = 'resolved'), 0) as resolved
      from chosen),
  news as (
    select count(*) as unread
      from public.conversations c
      left join public.reads r
        on r.conversation_id = c.id and r.profile_id = (select auth.uid())
     where c.assignee_id = (select auth.uid()) and c.status = 'open'
       and c.inbox_id in (select id from mine)
       and (counters.inbox_id is null or c.inbox_id = counters.inbox_id)
       -- a value, not an exists: that would be answered by reading all that have the label
       and (counters.label_id is null or (
             select true from public.conversation_labels l
              where l.conversation_id = c.id and l.label_id = counters.label_id))
       -- last_inbound_at is when they wrote, never after the message's place in the thread: past
       -- the mark it says enough. Only a message that came late must be looked for.
       and case
         when c.last_inbound_at > coalesce(r.read_at, '-infinity') then true
         when c.last_message_at <= r.read_at then false
         else exists (select from public.messages m
                       where m.conversation_id = c.id and m.direction = 'inbound'
                         and m."timestamp" > coalesce(r.read_at, '-infinity')) end)
  select to_jsonb(sums) || to_jsonb(news) || jsonb_build_object(
      'inboxes', (
        select coalesce(jsonb_object_agg(i.id, coalesce(s.n, 0)), '{}')
          from mine i
          left join (
            select inbox_id, sum(n) as n from seen
             where status = 'open' and label_id is not distinct from counters.label_id
             group by inbox_id) s on s.inbox_id = i.id),
      'labels', (
        select coalesce(jsonb_object_agg(l.id, coalesce(s.n, 0)), '{}')
          from public.labels l
          left join (
            select label_id, sum(n) as n from seen
             where status = 'open'
               and (counters.inbox_id is null or inbox_id = counters.inbox_id)
             group by label_id) s on s.label_id = l.id
         where exists (select from mine)))
    from sums, news
$$;

CREATE FUNCTION public.delete_canned_reply(id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gone public.canned_replies;
begin
  perform private.require_supervisor('canned replies');
  delete from public.canned_replies r where r.id = delete_canned_reply.id returning * into gone;
  if found then
    perform private.audit('canned_reply_deleted', 'canned_replies', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('canned_replies', jsonb_build_array(delete_canned_reply.id)));
end $$;

CREATE FUNCTION public.delete_label(id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gone public.labels;
begin
  perform private.require_supervisor('labels');
  delete from public.labels l where l.id = delete_label.id returning * into gone;
  if found then
    perform private.audit('label_deleted', 'labels', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('labels', jsonb_build_array(delete_label.id)));
end $$;

CREATE FUNCTION public.mark_read(conversation_id uuid, message_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.mark_unread(conversation_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  last_one timestamptz;
  mark public.reads;
begin
  if not exists (select from public.conversations c
                  where c.id = mark_unread.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  select m."timestamp" into last_one from public.messages m
   where m.conversation_id = mark_unread.conversation_id and m.direction = 'inbound'
   order by m."timestamp" desc limit 1;
  update public.reads r
     -- Just below it: times are exact to the microsecond, in the feed as well.
     set read_at = last_one - interval '1 microsecond',
         message_id = (
           select m.id from public.messages m
            where m.conversation_id = mark_unread.conversation_id and m."timestamp" < last_one
            order by m."timestamp" desc limit 1)
   where r.conversation_id = mark_unread.conversation_id and r.profile_id = auth.uid()
     and r.read_at >= last_one;
  select * into mark from public.reads r
   where r.conversation_id = mark_unread.conversation_id and r.profile_id = auth.uid();
  return case when mark.conversation_id is not null then to_jsonb(mark) end;
end $$;

CREATE FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer DEFAULT 60) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.my_profile() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select to_jsonb(p) from public.profiles p where p.id = (select auth.uid())
$$;

CREATE FUNCTION public.pull_changes(cursor text DEFAULT ''::text, page_size integer DEFAULT 200) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  me constant uuid := auth.uid();
  mine constant uuid[] := array(select private.my_inboxes());
  staff constant boolean := private.is_staff();
  size constant integer := least(greatest(coalesce(page_size, 200), 1), 1000);
  state jsonb := private.read_cursor(cursor, me);
  forgotten jsonb;
  joined uuid[];
  fills jsonb;
  page jsonb;
  step jsonb;
  wanted jsonb;
  resumed boolean;
  more boolean;
begin
  if me is null then
    perform private.refuse('not_allowed', 'You are not signed in.', 'Sign in.');
  end if;
  if state is null then
    -- Taken before anything is read: all that changes from here on comes through the feed.
    state := jsonb_build_object('v', 1, 'who', me, 'feed', (select id from private.feed),
      'base', pg_current_snapshot()::text, 'base_at', now(), 'known', '[]'::jsonb,
      'staff', false, 'fill', '[]'::jsonb);
    wanted := jsonb_build_object('profiles', jsonb_build_array(me));
  end if;

  -- Membership: what was left is forgotten, what was joined is filled from its start.
  select coalesce(jsonb_agg(k), '[]') into forgotten
    from jsonb_array_elements_text(state -> 'known') k where k::uuid <> all (mine);
  joined := array(select m from unnest(mine) m where not (state -> 'known') ? m::text);
  select coalesce(jsonb_agg(f || jsonb_build_object('inboxes', (
           select coalesce(jsonb_agg(i), '[]') from jsonb_array_elements_text(f -> 'inboxes') i
            where i::uuid = any (mine))) order by n), '[]')
    into fills from jsonb_array_elements(state -> 'fill') with ordinality e (f, n);
  if cardinality(joined) > 0 then
    fills := fills || jsonb_build_array(private.start_fill(joined));
    wanted := private.merge_wanted(coalesce(wanted, '{}'),
      jsonb_build_object('inboxes', to_jsonb(joined)));
  end if;
  if staff and not (state ->> 'staff')::boolean then
    wanted := private.merge_wanted(coalesce(wanted, '{}'), private.shared_wanted());
  end if;
  state := state || jsonb_build_object('known', to_jsonb(mine), 'staff', staff);

  -- Changes first: what happens now is seen before what happened long ago.
  resumed := state ->> 'target' is not null;
  if not resumed then
    state := state || jsonb_build_object('target', pg_current_snapshot()::text,
      'target_at', now(), 'xid', null, 'seq', null);
  end if;
  page := private.feed_page((state ->> 'base')::pg_snapshot, (state ->> 'target')::pg_snapshot,
    (state ->> 'xid')::xid8, (state ->> 'seq')::bigint, size, mine, me, staff);
  wanted := private.merge_wanted(coalesce(wanted, '{}'), page -> 'wanted');
  if jsonb_array_length(page -> 'arrived') > 0 then
    wanted := private.merge_wanted(wanted, private.thread_heads(array(
      select c.id from public.conversations c
       where c.id = any (private.ids(page, 'arrived')) and c.inbox_id = any (mine)), me));
  end if;
  more := (page ->> 'more')::boolean;
  if more then
    state := state || jsonb_build_object('xid', page -> 'xid', 'seq', page -> 'seq');
  else
    state := state || jsonb_build_object('base', state -> 'target', 'base_at', state -> 'target_at',
      'target', null, 'target_at', null, 'xid', null, 'seq', null);
    if jsonb_array_length(fills) > 0 then
      step := private.fill_step(fills -> 0, greatest(1, size - (page ->> 'count')::integer), me);
      wanted := private.merge_wanted(wanted, step -> 'wanted');
      fills := case when jsonb_typeof(step -> 'fill') = 'null' then fills - 0
        else jsonb_set(fills, '{0}', step -> 'fill') end;
    end if;
    -- A series begun by an earlier call ends at a snapshot that is old by now.
    more := resumed or jsonb_array_length(fills) > 0;
  end if;
  state := state || jsonb_build_object('fill', fills);

  return private.feed_rows(wanted, mine, me, staff, jsonb_build_object(
    'cursor', private.write_cursor(state), 'more', more, 'server_time', now(),
    'forget', forgotten))::jsonb;
end $$;

CREATE FUNCTION public.reopen(conversation_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations := private.lock_my_conversation(reopen.conversation_id);
begin
  if thread.status = 'open' then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c set status = 'open', snoozed_until = null where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'reopened',
    jsonb_build_object('by', 'agent', 'was', thread.status)));
end $$;

CREATE FUNCTION public.resolve(conversation_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations := private.lock_my_conversation(resolve.conversation_id);
begin
  if thread.status = 'resolved' then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c
     set status = 'resolved', snoozed_until = null, waiting_since = null
   where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'resolved',
    jsonb_build_object('was', thread.status)));
end $$;

CREATE FUNCTION public.retry_media(message_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.retry_message(id uuid, new_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.save_canned_reply(id uuid, shortcut text, body text, attachments jsonb DEFAULT '[]'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  word constant text := lower(ltrim(btrim(coalesce(save_canned_reply.shortcut, '')), '/'));
  files jsonb;
  saved public.canned_replies;
begin
  perform private.require_supervisor('canned replies');
  if save_canned_reply.id is null then
    perform private.refuse('bad_id', 'The canned reply has no id.');
  end if;
  if word !~ '^[^\s/[:cntrl:]]{1,32}$' then
    perform private.refuse('bad_name', 'A shortcut is one word of at most 32 characters.',
      'Write one short word, for example halo.');
  end if;
  files := private.checked_canned_files(save_canned_reply.attachments, save_canned_reply.id);
  if btrim(coalesce(save_canned_reply.body, ''), E' \t\r\n') = '' and files = '[]' then
    perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
  end if;
  if char_length(save_canned_reply.body) > 1600 then
    perform private.refuse('too_long', 'The text is longer than 1,600 characters.', 'Shorten it.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('balas:canned_replies', 0));
  if exists (select from public.canned_replies r
              where lower(r.shortcut) = word and r.id <> save_canned_reply.id) then
    perform private.refuse('taken', 'There is a canned reply /' || word || ' already.',
      'Change that one, or choose another shortcut.');
  end if;
  insert into public.canned_replies as r (id, shortcut, body, attachments)
  values (save_canned_reply.id, word, coalesce(save_canned_reply.body, ''), files)
  on conflict on constraint canned_replies_pkey do update
    set shortcut = excluded.shortcut, body = excluded.body, attachments = excluded.attachments
    where (r.shortcut, r.body, r.attachments)
      is distinct from (excluded.shortcut, excluded.body, excluded.attachments)
  returning * into saved;
  if found then
    perform private.audit('canned_reply_saved', 'canned_replies', saved.id, to_jsonb(saved));
  else
    select * into saved from public.canned_replies r where r.id = save_canned_reply.id;
  end if;
  return jsonb_build_object('canned_replies', jsonb_build_array(to_jsonb(saved)));
end $_$;

CREATE FUNCTION public.save_draft(conversation_id uuid, body text, attachments jsonb DEFAULT '[]'::jsonb, reply_to uuid DEFAULT NULL::uuid, note text DEFAULT ''::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  saved public.drafts;
begin
  if not exists (select from public.conversations c
                  where c.id = save_draft.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.');
  end if;
  if coalesce(save_draft.body, '') = '' and coalesce(save_draft.note, '') = ''
     and coalesce(attachments, '[]') = '[]' then
    delete from public.drafts d
     where d.conversation_id = save_draft.conversation_id and d.profile_id = auth.uid();
    return null;
  end if;
  if char_length(save_draft.body) > 100000 or char_length(save_draft.note) > 100000
     or jsonb_typeof(coalesce(attachments, '[]')) <> 'array'
     or pg_column_size(attachments) > 100000 then
    perform private.refuse('too_long', 'The draft is too large to keep.', 'Shorten it.');
  end if;
  insert into public.drafts as d (
    conversation_id, profile_id, body, attachments, reply_to, note, updated_at)
  values (save_draft.conversation_id, auth.uid(), coalesce(save_draft.body, ''),
    coalesce(save_draft.attachments, '[]'), save_draft.reply_to, coalesce(save_draft.note, ''),
    now())
  on conflict on constraint drafts_pkey do update
    set body = excluded.body, attachments = excluded.attachments, reply_to = excluded.reply_to,
        note = excluded.note, updated_at = now()
  returning * into saved;
  return to_jsonb(saved);
end $$;

CREATE FUNCTION public.save_label(id uuid, name text, color text DEFAULT ''::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  wanted constant text := btrim(regexp_replace(coalesce(save_label.name, ''), '\s+', ' ', 'g'));
  tint constant text := lower(coalesce(save_label.color, ''));
  saved public.labels;
begin
  perform private.require_supervisor('labels');
  if save_label.id is null then
    perform private.refuse('bad_id', 'The label has no id.');
  end if;
  if wanted = '' or char_length(wanted) > 40 or wanted ~ '[[:cntrl:]]' then
    perform private.refuse('bad_name', 'A label needs a name of at most 40 characters.',
      'Write a short name.');
  end if;
  if tint !~ '^([a-z]{0,20}|#[0-9a-f]{6})$' then
    perform private.refuse('bad_color', 'This is no colour.', 'Choose one of the list.');
  end if;
  -- Two people who add the same label at once: the second one is told.
  perform pg_advisory_xact_lock(hashtextextended('balas:labels', 0));
  if exists (select from public.labels l
              where lower(l.name) = lower(wanted) and l.id <> save_label.id) then
    perform private.refuse('taken', 'There is a label of this name already.',
      'Use that one, or choose another name.');
  end if;
  insert into public.labels as l (id, name, color) values (save_label.id, wanted, tint)
  on conflict on constraint labels_pkey do update
    set name = excluded.name, color = excluded.color
    where (l.name, l.color) is distinct from (excluded.name, excluded.color)
  returning * into saved;
  if found then
    perform private.audit('label_saved', 'labels', saved.id, to_jsonb(saved));
  else
    select * into saved from public.labels l where l.id = save_label.id;
  end if;
  return jsonb_build_object('labels', jsonb_build_array(to_jsonb(saved)));
end $_$;

CREATE FUNCTION public.send_message(id uuid, conversation_id uuid, content text DEFAULT NULL::text, media jsonb DEFAULT '[]'::jsonb, reply_to uuid DEFAULT NULL::uuid, template jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
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
end $_$;

CREATE FUNCTION public.set_label(conversation_id uuid, label_id uuid, present boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  known public.labels;
  thread public.conversations;
  told uuid;
begin
  -- The label first: who deletes it holds it while every conversation's mark goes, and must not
  -- wait for one that we hold.
  select * into known from public.labels l where l.id = set_label.label_id for key share;
  thread := private.lock_my_conversation(set_label.conversation_id);
  if present is null then
    perform private.refuse('bad_request', 'The label is neither to be put on nor taken off.');
  end if;
  if present and known.id is null then
    perform private.refuse('not_found', 'This label is gone.', 'Choose another.');
  end if;
  if present then
    insert into public.conversation_labels (conversation_id, label_id)
    values (thread.id, known.id)
    on conflict on constraint conversation_labels_pkey do nothing;
    if found then
      told := private.tell(thread, 'labelled',
        jsonb_build_object('label_id', known.id, 'label_name', known.name));
    end if;
  else
    delete from public.conversation_labels l
     where l.conversation_id = thread.id and l.label_id = set_label.label_id;
    if found then
      told := private.tell(thread, 'unlabelled',
        jsonb_build_object('label_id', known.id, 'label_name', known.name));
    end if;
  end if;
  return private.changed_thread(thread.id, told) || jsonb_build_object(
    'conversation_labels', (
      select coalesce(jsonb_agg(to_jsonb(l)), '[]') from public.conversation_labels l
       where l.conversation_id = thread.id and l.label_id = set_label.label_id),
    'deleted', case when present then '{}' else jsonb_build_object(
      'conversation_labels', jsonb_build_array(thread.id || ':' || set_label.label_id)) end);
end $$;

CREATE FUNCTION public.settle_message(id uuid, outcome text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.snooze(conversation_id uuid, until timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations := private.lock_my_conversation(snooze.conversation_id);
begin
  -- Before the time is judged: the repeat of a call may come after the moment it names.
  if thread.status = 'snoozed' and thread.snoozed_until = snooze.until then
    return private.changed_thread(thread.id);
  end if;
  if snooze.until is null or snooze.until <= now() then
    perform private.refuse('bad_time', 'This time has passed already.', 'Choose a later one.');
  end if;
  if snooze.until > now() + interval '1 year' then
    perform private.refuse('bad_time', 'This is more than a year away.', 'Choose an earlier one.');
  end if;
  update public.conversations c set status = 'snoozed', snoozed_until = snooze.until
   where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'snoozed',
    jsonb_build_object('until', snooze.until, 'was', thread.status)));
end $$;

CREATE TABLE private.adoption (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    words text NOT NULL,
    change text,
    undo text
);

COMMENT ON TABLE private.adoption IS 'What the adoption of an older project found and changed; undo from the last row to the first.';

ALTER TABLE private.adoption ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.adoption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.bells (
    topic text NOT NULL,
    rung_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE private.bells_due (
    id bigint NOT NULL,
    topic text NOT NULL,
    conversations text[] NOT NULL,
    messages text[] NOT NULL
);

ALTER TABLE private.bells_due ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.bells_due_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.changes (
    seq bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    inbox_id uuid,
    conversation_id uuid,
    profile_id uuid,
    op text DEFAULT 'upsert'::text NOT NULL,
    urgent boolean DEFAULT true NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT changes_op_check CHECK ((op = ANY (ARRAY['upsert'::text, 'arrive'::text, 'delete'::text])))
);

COMMENT ON TABLE private.changes IS 'inbox_id: who sees it. profile_id: only this person. Neither: all staff. op arrive: a thread came to this inbox from another, so its readers need its past as well.';

ALTER TABLE private.changes ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.changes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.counters (
    name text NOT NULL,
    label text NOT NULL,
    value bigint NOT NULL
);

CREATE TABLE private.early_statuses (
    id bigint NOT NULL,
    sid text NOT NULL,
    report jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE private.early_statuses ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.early_statuses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.feed (
    only_one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    pruned_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT feed_only_one_check CHECK (only_one)
);

CREATE TABLE private.media_tries (
    message_id uuid NOT NULL,
    index integer NOT NULL,
    tries integer DEFAULT 1 NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.pair_pace (
    sender text NOT NULL,
    recipient text NOT NULL,
    sent_at timestamp with time zone[] NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE private.rounds (
    name text NOT NULL,
    due_at timestamp with time zone NOT NULL
);

CREATE TABLE private.sender_pace (
    sender text NOT NULL,
    next_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    held_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE private.sending_trial (
    only_one boolean DEFAULT true NOT NULL,
    message_id uuid,
    began_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT sending_trial_only_one_check CHECK (only_one)
);

CREATE TABLE private.status_polls (
    message_id uuid NOT NULL,
    asked integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE private.sweep_elsewhere (
    address text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE private.sweep_fills (
    sid text NOT NULL,
    message_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    direction text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    filled_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.sweep_state (
    singleton boolean DEFAULT true NOT NULL,
    since timestamp with time zone DEFAULT date_trunc('second'::text, now()) NOT NULL,
    complete_to timestamp with time zone DEFAULT date_trunc('second'::text, now()) NOT NULL,
    holder uuid,
    held_until timestamp with time zone,
    checked_at timestamp with time zone,
    pages bigint DEFAULT 0 NOT NULL,
    listed bigint DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    why text,
    CONSTRAINT sweep_state_singleton_check CHECK (singleton)
);

COMMENT ON COLUMN private.sweep_state.complete_to IS 'Every message that Twilio lists from `since` up to here, to or from an inbox of ours, is stored.';

COMMENT ON COLUMN private.sweep_state.holder IS 'The sweep that works now; a lease, so that a dead worker holds nobody up.';

CREATE TABLE private.sweep_unsure (
    sid text NOT NULL,
    listed jsonb NOT NULL,
    report jsonb NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.tallies (
    id bigint NOT NULL,
    inbox_id uuid NOT NULL,
    label_id uuid,
    status text NOT NULL,
    assignee_id uuid,
    n bigint NOT NULL
);

ALTER TABLE private.tallies ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.tallies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.tally (
    name text NOT NULL,
    label text NOT NULL,
    n bigint DEFAULT 1 NOT NULL
);

CREATE TABLE private.webhook_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    path text NOT NULL,
    headers jsonb DEFAULT '{}'::jsonb NOT NULL,
    body bytea NOT NULL,
    parameters jsonb,
    flagged text,
    message_id uuid
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject_type text,
    subject_id text,
    data jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auto_replies (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    inbox_id uuid NOT NULL,
    kind text NOT NULL,
    keyword text,
    body text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT auto_replies_kind_check CHECK ((kind = ANY (ARRAY['greeting'::text, 'away'::text, 'keyword'::text])))
);

CREATE TABLE public.canned_replies (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    shortcut text NOT NULL,
    body text NOT NULL,
    attachments jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid,
    message_sid text,
    direction text,
    message_type text DEFAULT 'text'::text,
    content text,
    media_url text,
    media_content_type text,
    sent_by uuid,
    "timestamp" timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    from_number text,
    to_number text,
    media jsonb DEFAULT '[]'::jsonb NOT NULL,
    status text,
    error_code integer,
    error_text text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    reply_to uuid,
    attempt_id uuid,
    automatic boolean DEFAULT false NOT NULL,
    scheduled_at timestamp with time zone,
    updated_at timestamp with time zone,
    CONSTRAINT balas_messages_status CHECK ((status = ANY (ARRAY['received'::text, 'scheduled'::text, 'queued'::text, 'sending'::text, 'uncertain'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'undelivered'::text, 'canceled'::text]))),
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text]))),
    CONSTRAINT messages_message_type_check CHECK ((message_type = ANY (ARRAY['text'::text, 'image'::text, 'document'::text, 'audio'::text, 'video'::text])))
);

COMMENT ON COLUMN public.messages."timestamp" IS 'Server time, strictly increasing within one conversation: the order of the thread.';

COMMENT ON COLUMN public.messages.media IS 'Every file: bucket, path, url, content_type, name, size, state pending|stored|failed, error.';

CREATE VIEW public.chat_history WITH (security_invoker='true') AS
 SELECT from_number,
    to_number,
    content AS body,
    message_sid,
    "timestamp",
    direction
   FROM public.messages;

CREATE TABLE public.contact_addresses (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    contact_id uuid NOT NULL,
    address text NOT NULL,
    channel text NOT NULL,
    opted_out_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contact_addresses_channel_check CHECK ((channel = ANY (ARRAY['whatsapp'::text, 'sms'::text])))
);

CREATE TABLE public.contacts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text,
    phone text,
    locale text,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    notes text,
    blocked boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON COLUMN public.contacts.phone IS 'E.164; null for people known by a user name only.';

CREATE TABLE public.conversation_labels (
    conversation_id uuid NOT NULL,
    label_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.drafts (
    conversation_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    attachments jsonb DEFAULT '[]'::jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    reply_to uuid,
    note text DEFAULT ''::text NOT NULL
);

COMMENT ON COLUMN public.drafts.note IS 'The note begun in this conversation, not yet added.';

CREATE TABLE public.events (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inbox_members (
    inbox_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inboxes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    address text,
    messaging_service_sid text,
    hours jsonb,
    greeting text,
    flagged boolean DEFAULT false NOT NULL,
    adopted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    messages_per_second integer DEFAULT 80 NOT NULL,
    replies_per_half_minute integer DEFAULT 14 NOT NULL,
    CONSTRAINT inboxes_channel_check CHECK ((channel = ANY (ARRAY['whatsapp'::text, 'sms'::text]))),
    CONSTRAINT inboxes_messages_per_second_check CHECK (((messages_per_second >= 1) AND (messages_per_second <= 1000))),
    CONSTRAINT inboxes_replies_per_half_minute_check CHECK (((replies_per_half_minute >= 1) AND (replies_per_half_minute <= 1000)))
);

COMMENT ON COLUMN public.inboxes.address IS 'As Twilio writes it: whatsapp:+62… or +62…';

COMMENT ON COLUMN public.inboxes.flagged IS 'Made by the service for a To address that nobody configured; an administrator must look.';

COMMENT ON COLUMN public.inboxes.messages_per_second IS 'What this sender sends at most; WhatsApp allows 80 by default.';

COMMENT ON COLUMN public.inboxes.replies_per_half_minute IS 'What one customer gets at most within 30 seconds: the 15th would be refused (14107).';

CREATE TABLE public.labels (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    color text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.notes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    author_id uuid,
    body text NOT NULL,
    mentions uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.profiles (
    id uuid NOT NULL,
    display_name text,
    role text DEFAULT 'agent'::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    available boolean DEFAULT false NOT NULL,
    locale text DEFAULT 'id'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT balas_profiles_role CHECK ((role = ANY (ARRAY['agent'::text, 'supervisor'::text, 'admin'::text])))
);

CREATE TABLE public.reads (
    conversation_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    read_at timestamp with time zone NOT NULL,
    message_id uuid
);

COMMENT ON COLUMN public.reads.read_at IS 'The timestamp of the last message this agent has seen.';

CREATE TABLE public.service_state (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    part text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    error_code integer,
    error_text text,
    since timestamp with time zone DEFAULT now() NOT NULL,
    next_try_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT service_state_state_check CHECK ((state = ANY (ARRAY['running'::text, 'stopped'::text, 'trying'::text])))
);

COMMENT ON COLUMN public.service_state.state IS 'stopped: nothing is sent, everything stays queued; trying: one message goes first, and when it is through, all others follow.';

CREATE TABLE public.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.templates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    content_sid text NOT NULL,
    name text NOT NULL,
    language text,
    body text,
    variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    status text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    category text,
    rejection_reason text,
    types jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON COLUMN public.templates.variables IS 'Placeholder to example value.';

COMMENT ON COLUMN public.templates.status IS 'WhatsApp''s approval state, as the Content API says.';

COMMENT ON COLUMN public.templates.types IS 'Buttons and files too, as the Content API has them.';

ALTER TABLE ONLY private.adoption
    ADD CONSTRAINT adoption_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.bells_due
    ADD CONSTRAINT bells_due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.bells
    ADD CONSTRAINT bells_pkey PRIMARY KEY (topic);

ALTER TABLE ONLY private.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY private.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name, label);

ALTER TABLE ONLY private.early_statuses
    ADD CONSTRAINT early_statuses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY private.media_tries
    ADD CONSTRAINT media_tries_pkey PRIMARY KEY (message_id, index);

ALTER TABLE ONLY private.pair_pace
    ADD CONSTRAINT pair_pace_pkey PRIMARY KEY (sender, recipient);

ALTER TABLE ONLY private.rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (name);

ALTER TABLE ONLY private.sender_pace
    ADD CONSTRAINT sender_pace_pkey PRIMARY KEY (sender);

ALTER TABLE ONLY private.sending_trial
    ADD CONSTRAINT sending_trial_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY private.status_polls
    ADD CONSTRAINT status_polls_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY private.sweep_elsewhere
    ADD CONSTRAINT sweep_elsewhere_pkey PRIMARY KEY (address);

ALTER TABLE ONLY private.sweep_fills
    ADD CONSTRAINT sweep_fills_pkey PRIMARY KEY (sid);

ALTER TABLE ONLY private.sweep_state
    ADD CONSTRAINT sweep_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY private.sweep_unsure
    ADD CONSTRAINT sweep_unsure_pkey PRIMARY KEY (sid);

ALTER TABLE ONLY private.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.webhook_requests
    ADD CONSTRAINT webhook_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auto_replies
    ADD CONSTRAINT auto_replies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT canned_replies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT canned_replies_shortcut_key UNIQUE (shortcut);

ALTER TABLE ONLY public.contact_addresses
    ADD CONSTRAINT contact_addresses_address_key UNIQUE (address);

ALTER TABLE ONLY public.contact_addresses
    ADD CONSTRAINT contact_addresses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversation_labels
    ADD CONSTRAINT conversation_labels_pkey PRIMARY KEY (conversation_id, label_id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (conversation_id, profile_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox_members
    ADD CONSTRAINT inbox_members_pkey PRIMARY KEY (inbox_id, profile_id);

ALTER TABLE ONLY public.inboxes
    ADD CONSTRAINT inboxes_address_key UNIQUE (address);

ALTER TABLE ONLY public.inboxes
    ADD CONSTRAINT inboxes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_name_key UNIQUE (name);

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_message_sid_key UNIQUE (message_sid);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT reads_pkey PRIMARY KEY (conversation_id, profile_id);

ALTER TABLE ONLY public.service_state
    ADD CONSTRAINT service_state_part_key UNIQUE (part);

ALTER TABLE ONLY public.service_state
    ADD CONSTRAINT service_state_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_content_sid_key UNIQUE (content_sid);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);

CREATE INDEX changes_at ON private.changes USING brin (at);

CREATE INDEX changes_audience ON private.changes USING btree (COALESCE(inbox_id, profile_id, '00000000-0000-0000-0000-000000000000'::uuid), xid, seq);

CREATE INDEX early_statuses_sid ON private.early_statuses USING btree (sid);

CREATE INDEX sweep_fills_inbox ON private.sweep_fills USING btree (inbox_id, filled_at DESC);

CREATE INDEX sweep_fills_message ON private.sweep_fills USING btree (message_id);

CREATE INDEX webhook_requests_message ON private.webhook_requests USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX webhook_requests_received ON private.webhook_requests USING btree (received_at);

CREATE INDEX audit_log_at ON public.audit_log USING btree (at DESC);

CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject_type, subject_id, at DESC);

CREATE INDEX auto_replies_inbox ON public.auto_replies USING btree (inbox_id);

CREATE INDEX contact_addresses_contact ON public.contact_addresses USING btree (contact_id);

CREATE INDEX contacts_phone ON public.contacts USING btree (phone) WHERE (phone IS NOT NULL);

CREATE INDEX conversation_labels_label ON public.conversation_labels USING btree (label_id);

CREATE INDEX conversations_activity ON public.conversations USING btree (inbox_id, COALESCE(last_message_at, created_at) DESC, id DESC);

CREATE INDEX conversations_assignee ON public.conversations USING btree (assignee_id, status) WHERE (assignee_id IS NOT NULL);

CREATE INDEX conversations_contact ON public.conversations USING btree (contact_id);

CREATE UNIQUE INDEX conversations_one_thread ON public.conversations USING btree (inbox_id, contact_id) WHERE (NOT adopted);

CREATE INDEX conversations_snoozed ON public.conversations USING btree (snoozed_until) WHERE (status = 'snoozed'::text);

CREATE INDEX conversations_unresolved ON public.conversations USING btree (inbox_id, COALESCE(last_message_at, created_at) DESC, id DESC) WHERE (status <> 'resolved'::text);

CREATE INDEX conversations_waiting ON public.conversations USING btree (inbox_id, waiting_since) WHERE (waiting_since IS NOT NULL);

CREATE INDEX delivery_attempts_message ON public.delivery_attempts USING btree (message_id, started_at);

CREATE INDEX delivery_attempts_open ON public.delivery_attempts USING btree (started_at) WHERE (outcome = ANY (ARRAY['calling'::text, 'uncertain'::text]));

CREATE INDEX drafts_profile ON public.drafts USING btree (profile_id);

CREATE INDEX events_actor ON public.events USING btree (actor_id);

CREATE INDEX events_conversation ON public.events USING btree (conversation_id, created_at DESC);

CREATE INDEX idx_messages_conversation_timestamp ON public.messages USING btree (conversation_id, "timestamp" DESC);

CREATE INDEX idx_messages_direction_timestamp ON public.messages USING btree (direction, "timestamp" DESC);

CREATE INDEX inbox_members_profile ON public.inbox_members USING btree (profile_id);

CREATE UNIQUE INDEX inboxes_one_adopted ON public.inboxes USING btree (adopted) WHERE adopted;

CREATE INDEX messages_from_number ON public.messages USING btree (from_number, "timestamp");

CREATE INDEX messages_media_pending ON public.messages USING btree ("timestamp") WHERE (media @> '[{"state": "pending"}]'::jsonb);

CREATE INDEX messages_on_the_way ON public.messages USING btree (status, "timestamp") WHERE (status = ANY (ARRAY['scheduled'::text, 'queued'::text, 'sending'::text, 'uncertain'::text, 'accepted'::text, 'sent'::text]));

CREATE INDEX messages_reply_to ON public.messages USING btree (reply_to) WHERE (reply_to IS NOT NULL);

CREATE INDEX messages_retry_of ON public.messages USING btree (((metadata ->> 'retry_of'::text))) WHERE (metadata ? 'retry_of'::text);

CREATE INDEX messages_to_number ON public.messages USING btree (to_number, "timestamp");

CREATE INDEX messages_to_send ON public.messages USING btree (conversation_id, "timestamp", id) WHERE ((direction = 'outbound'::text) AND (status = ANY (ARRAY['queued'::text, 'sending'::text])));

CREATE INDEX notes_author ON public.notes USING btree (author_id);

CREATE INDEX notes_conversation ON public.notes USING btree (conversation_id, created_at DESC);

CREATE INDEX reads_profile ON public.reads USING btree (profile_id);

CREATE CONSTRAINT TRIGGER ring AFTER INSERT ON private.changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.ring();

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER balas_count AFTER UPDATE OF outcome ON public.delivery_attempts FOR EACH ROW WHEN ((old.outcome IS DISTINCT FROM new.outcome)) EXECUTE FUNCTION private.count_attempt();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.canned_replies REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.contact_addresses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('contact_id');

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.contacts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('id');

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.conversation_labels REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.conversations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_conversations();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.delivery_attempts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.drafts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.events REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.inbox_members REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_members();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.inboxes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.labels REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.messages REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_messages();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.notes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.profiles REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.reads REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.service_state REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_delete AFTER DELETE ON public.templates REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.canned_replies REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.contact_addresses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('contact_id');

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('id');

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.conversation_labels REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.conversations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_conversations();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.delivery_attempts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.drafts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.inbox_members REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_members();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.inboxes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.labels REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_messages();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.notes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.profiles REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.reads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.service_state REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_insert AFTER INSERT ON public.templates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.canned_replies REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.contact_addresses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('contact_id');

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.contacts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact('id');

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.conversation_labels REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.conversations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_conversations();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.delivery_attempts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.drafts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.events REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.inbox_members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_members();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.inboxes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.labels REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.messages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_messages();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.notes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_conversation();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.profiles REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.reads REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_own();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.service_state REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_note_update AFTER UPDATE ON public.templates REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_shared();

CREATE TRIGGER balas_tally AFTER INSERT OR DELETE ON public.conversation_labels FOR EACH ROW EXECUTE FUNCTION private.tally_label();

CREATE TRIGGER balas_tally_delete BEFORE DELETE ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_tally_insert AFTER INSERT ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_tally_update AFTER UPDATE ON public.conversations FOR EACH ROW WHEN ((((old.inbox_id IS DISTINCT FROM new.inbox_id) OR (old.status IS DISTINCT FROM new.status)) OR (old.assignee_id IS DISTINCT FROM new.assignee_id))) EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.auto_replies FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.canned_replies FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.contacts FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.inboxes FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.labels FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.messages FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.settings FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER balas_touch BEFORE UPDATE ON public.templates FOR EACH ROW EXECUTE FUNCTION private.touch();

CREATE TRIGGER zz_balas_adopt_late BEFORE INSERT ON public.conversations FOR EACH ROW WHEN (((new.inbox_id IS NULL) OR (new.contact_id IS NULL))) EXECUTE FUNCTION private.adopt_late_conversation();

CREATE TRIGGER zz_balas_guard_role BEFORE INSERT OR UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.guard_role();

ALTER TABLE ONLY private.media_tries
    ADD CONSTRAINT media_tries_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.status_polls
    ADD CONSTRAINT status_polls_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.sweep_fills
    ADD CONSTRAINT sweep_fills_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.auto_replies
    ADD CONSTRAINT auto_replies_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contact_addresses
    ADD CONSTRAINT contact_addresses_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contacts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_labels
    ADD CONSTRAINT conversation_labels_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_labels
    ADD CONSTRAINT conversation_labels_label_id_fkey FOREIGN KEY (label_id) REFERENCES public.labels(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contacts(id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id);

ALTER TABLE ONLY public.delivery_attempts
    ADD CONSTRAINT delivery_attempts_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.inbox_members
    ADD CONSTRAINT inbox_members_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.inbox_members
    ADD CONSTRAINT inbox_members_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_reply_to_fkey FOREIGN KEY (reply_to) REFERENCES public.messages(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES public.profiles(id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT reads_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT reads_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE private.counters ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.early_statuses ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.media_tries ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.pair_pace ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.rounds ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sender_pace ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sending_trial ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.status_polls ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sweep_elsewhere ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sweep_fills ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sweep_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.sweep_unsure ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.tally ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.auto_replies ENABLE ROW LEVEL SECURITY;

CREATE POLICY balas_limit_anon ON public.conversations AS RESTRICTIVE TO anon USING (false) WITH CHECK (false);

CREATE POLICY balas_limit_anon ON public.messages AS RESTRICTIVE TO anon USING (false) WITH CHECK (false);

CREATE POLICY balas_limit_anon ON public.profiles AS RESTRICTIVE TO anon USING (false) WITH CHECK (false);

CREATE POLICY balas_limit_delete ON public.conversations AS RESTRICTIVE FOR DELETE TO authenticated USING (false);

CREATE POLICY balas_limit_delete ON public.messages AS RESTRICTIVE FOR DELETE TO authenticated USING (false);

CREATE POLICY balas_limit_delete ON public.profiles AS RESTRICTIVE FOR DELETE TO authenticated USING (false);

CREATE POLICY balas_limit_insert ON public.conversations AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK (false);

CREATE POLICY balas_limit_insert ON public.messages AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK (false);

CREATE POLICY balas_limit_insert ON public.profiles AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK (false);

CREATE POLICY balas_limit_read ON public.conversations AS RESTRICTIVE FOR SELECT TO authenticated USING ((inbox_id IN ( SELECT private.my_inboxes() AS my_inboxes)));

CREATE POLICY balas_limit_read ON public.messages AS RESTRICTIVE FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = messages.conversation_id))));

CREATE POLICY balas_limit_read ON public.profiles AS RESTRICTIVE FOR SELECT TO authenticated USING (((id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.is_staff() AS is_staff)));

CREATE POLICY balas_limit_update ON public.conversations AS RESTRICTIVE FOR UPDATE TO authenticated USING (false) WITH CHECK (false);

CREATE POLICY balas_limit_update ON public.messages AS RESTRICTIVE FOR UPDATE TO authenticated USING (false) WITH CHECK (false);

CREATE POLICY balas_limit_update ON public.profiles AS RESTRICTIVE FOR UPDATE TO authenticated USING (false) WITH CHECK (false);

CREATE POLICY balas_read ON public.conversations FOR SELECT TO authenticated USING ((inbox_id IN ( SELECT private.my_inboxes() AS my_inboxes)));

CREATE POLICY balas_read ON public.messages FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = messages.conversation_id))));

CREATE POLICY balas_read ON public.profiles FOR SELECT TO authenticated USING (((id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.is_staff() AS is_staff)));

ALTER TABLE public.canned_replies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contact_addresses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_labels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.delivery_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbox_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inboxes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.labels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY read_as_admin ON public.audit_log FOR SELECT TO authenticated USING (( SELECT private.is_admin() AS is_admin));

CREATE POLICY read_as_admin ON public.settings FOR SELECT TO authenticated USING (( SELECT private.is_admin() AS is_admin));

CREATE POLICY read_as_staff ON public.canned_replies FOR SELECT TO authenticated USING (( SELECT private.is_staff() AS is_staff));

CREATE POLICY read_as_staff ON public.labels FOR SELECT TO authenticated USING (( SELECT private.is_staff() AS is_staff));

CREATE POLICY read_as_staff ON public.service_state FOR SELECT TO authenticated USING (( SELECT private.is_staff() AS is_staff));

CREATE POLICY read_as_staff ON public.templates FOR SELECT TO authenticated USING (( SELECT private.is_staff() AS is_staff));

CREATE POLICY read_mine ON public.inboxes FOR SELECT TO authenticated USING ((id IN ( SELECT private.my_inboxes() AS my_inboxes)));

CREATE POLICY read_of_mine ON public.auto_replies FOR SELECT TO authenticated USING ((inbox_id IN ( SELECT private.my_inboxes() AS my_inboxes)));

CREATE POLICY read_of_mine ON public.contact_addresses FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.contact_id = contact_addresses.contact_id))));

CREATE POLICY read_of_mine ON public.contacts FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.contact_id = contacts.id))));

CREATE POLICY read_of_mine ON public.conversation_labels FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = conversation_labels.conversation_id))));

CREATE POLICY read_of_mine ON public.delivery_attempts FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.messages m
  WHERE (m.id = delivery_attempts.message_id))));

CREATE POLICY read_of_mine ON public.events FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = events.conversation_id))));

CREATE POLICY read_of_mine ON public.inbox_members FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) OR (inbox_id IN ( SELECT private.my_inboxes() AS my_inboxes))));

CREATE POLICY read_of_mine ON public.notes FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = notes.conversation_id))));

CREATE POLICY read_own ON public.drafts FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = drafts.conversation_id)))));

CREATE POLICY read_own ON public.reads FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM public.conversations c
  WHERE (c.id = reads.conversation_id)))));

ALTER TABLE public.reads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.service_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.settings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.templates ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA private TO authenticated;
GRANT USAGE ON SCHEMA private TO service_role;

GRANT USAGE ON SCHEMA public TO postgres;
GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;

REVOKE ALL ON FUNCTION private.absorb_kicks(conversations uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.adopt_addresses(from_table text, from_column text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.adopt_late_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.advance_message(message_id uuid, report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.apply_status(report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.apply_statuses(batch jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.audit(action text, subject_type text, subject uuid, data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.begin_call(attempt_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.changed_thread(conversation uuid, event uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checked_canned_files(files jsonb, reply uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checked_files(files jsonb, conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_message(message_id uuid, worker text, attempt_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_messages(wanted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.contact_for(addresses text[], channel text, phone text, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.conversation_for(inbox uuid, contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_attempt() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.drain_together(batch jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.due_polls(most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_jobs(ended jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue(task text, args jsonb, lock text, queueing_lock text, queue text, priority integer, scheduled_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enrich_swept(message uuid, request jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.feed_page(base pg_snapshot, target pg_snapshot, below_xid xid8, below_seq bigint, size integer, mine uuid[], me uuid, staff boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.feed_rows(wanted jsonb, mine uuid[], me uuid, staff boolean, frame jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fetch_jobs(worker bigint, known bigint[], most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_numbers(message_sid text, from_number text, to_number text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_past(fill jsonb, budget integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_stage(fill jsonb, stage text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_step(fill jsonb, budget integer, me uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_threads(fill jsonb, many integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.filled_template(body text, variables jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_tallies() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_address(conversation uuid, given text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_turn_back(sender text, recipient text, hold double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.guard_role() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.half_minute() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.has_job(lock text, task text, message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ids(wanted jsonb, kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.inbox_for(address text, service_sid text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ingest(request jsonb, body bytea, headers jsonb, flagged text, path text, written_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ingest_together(batch jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.delivery_attempts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.delivery_attempts TO service_role;

REVOKE ALL ON FUNCTION private.is_abandoned(attempt public.delivery_attempts) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_admin() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_admin() TO service_role;
GRANT ALL ON FUNCTION private.is_admin() TO authenticated;

REVOKE ALL ON FUNCTION private.is_staff() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_staff() TO service_role;
GRANT ALL ON FUNCTION private.is_staff() TO authenticated;

REVOKE ALL ON FUNCTION private.is_supervisor() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_supervisor() TO authenticated;
GRANT ALL ON FUNCTION private.is_supervisor() TO service_role;

REVOKE ALL ON FUNCTION private.kick_queued(older_than interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.late_moment(conversation uuid, written_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lately(sent_at timestamp with time zone[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lease() FROM PUBLIC;

GRANT SELECT ON TABLE public.conversations TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO service_role;

REVOKE ALL ON FUNCTION private.lock_my_conversation(conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_see(person uuid, inbox uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_send(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.media_tried(message_id uuid, index integer, code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.merge_wanted(one jsonb, other jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.my_inboxes() FROM PUBLIC;
GRANT ALL ON FUNCTION private.my_inboxes() TO service_role;
GRANT ALL ON FUNCTION private.my_inboxes() TO authenticated;

REVOKE ALL ON FUNCTION private.name_of(person uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.next_moment(conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.normal_address(value text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.not_found(wanted jsonb, kind text, present text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contact() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contacts(contacts uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_conversations() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_for_queue(message_id uuid, report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_members() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_messages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_of_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_own() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_poll(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_shared() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.our_inbox(address text, service_sid text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pause_triggers(ours_too boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_due() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_failed(code integer, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_soon() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_changes(keep interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_daily() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_sending() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.queue_again(attempt_id uuid, message_id uuid, outcome jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.queue_messages(thread public.conversations, parts jsonb, sender text, recipient text, answered uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_cursor(cursor text, me uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_accepted(ended jsonb[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_media(message_id uuid, index integer, element jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_outcome(attempt_id uuid, outcome jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_outcomes(ended jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.recount_tallies() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse(code text, sentence text, fix text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.release_abandoned(in_conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.renew_feed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.repeat_round(name text, pause interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_supervisor(what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.resume_triggers(resume text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ring() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ring_due_bells() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.route(thread public.conversations, is_template boolean, OUT channel text, OUT sender text, OUT recipient text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.send_bell(topic text, conversations text[], messages text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sent_messages(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.service_health() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.service_metrics() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sha1(data bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shared_wanted() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.start_fill(inboxes uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.status_rank(status text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stop_pause(failures integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stop_sending(code integer, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stops_sending(code integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.store_templates(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sum_tally() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_begin(who uuid, settle interval, step interval, lease interval, overlap interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_compare(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_end(who uuid, trouble text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_health() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_hold(who uuid, lease interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_outbound(listed jsonb, report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_reached(who uuid, until timestamp with time zone, pages integer, listed integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_unsure_again() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_round(name text, every interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_turn(sender text, recipient text, per_second integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_up_again(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tally_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tally_label() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell(thread public.conversations, kind text, data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.thread_heads(threads uuid[], me uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.touch() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.try_sending() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.turn_wait(sender text, recipient text, per_pair integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.type_of(content_type text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.uncertain_message(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unclaimed_sids(sids text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.unnumbered_messages(many integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.uuid5(namespace uuid, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.wake_snoozed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.write_cursor(state jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.yield_turn(message_id uuid, conversation uuid, always boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.add_note(id uuid, conversation_id uuid, body text, mentions uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_note(id uuid, conversation_id uuid, body text, mentions uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.assign(conversation_id uuid, assignee_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.assign(conversation_id uuid, assignee_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.completeness() FROM PUBLIC;
GRANT ALL ON FUNCTION public.completeness() TO authenticated;
GRANT ALL ON FUNCTION public.completeness() TO service_role;

REVOKE ALL ON FUNCTION public.counters(inbox_id uuid, label_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.counters(inbox_id uuid, label_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.delete_canned_reply(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_canned_reply(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.delete_label(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_label(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.mark_read(conversation_id uuid, message_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_read(conversation_id uuid, message_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.mark_unread(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_unread(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) TO authenticated;
GRANT ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) TO service_role;

REVOKE ALL ON FUNCTION public.my_profile() FROM PUBLIC;
GRANT ALL ON FUNCTION public.my_profile() TO authenticated;

REVOKE ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) TO authenticated;
GRANT ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) TO service_role;

REVOKE ALL ON FUNCTION public.reopen(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reopen(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.resolve(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resolve(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.retry_media(message_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_media(message_id uuid) TO authenticated;
GRANT ALL ON FUNCTION public.retry_media(message_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.retry_message(id uuid, new_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_message(id uuid, new_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.save_canned_reply(id uuid, shortcut text, body text, attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_canned_reply(id uuid, shortcut text, body text, attachments jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.save_draft(conversation_id uuid, body text, attachments jsonb, reply_to uuid, note text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_draft(conversation_id uuid, body text, attachments jsonb, reply_to uuid, note text) TO authenticated;

REVOKE ALL ON FUNCTION public.save_label(id uuid, name text, color text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_label(id uuid, name text, color text) TO authenticated;

REVOKE ALL ON FUNCTION public.send_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.send_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.set_label(conversation_id uuid, label_id uuid, present boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_label(conversation_id uuid, label_id uuid, present boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.settle_message(id uuid, outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_message(id uuid, outcome text) TO authenticated;

REVOKE ALL ON FUNCTION public.snooze(conversation_id uuid, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.snooze(conversation_id uuid, until timestamp with time zone) TO authenticated;

GRANT SELECT ON TABLE public.audit_log TO authenticated;
GRANT SELECT,INSERT ON TABLE public.audit_log TO service_role;

GRANT SELECT ON TABLE public.auto_replies TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auto_replies TO service_role;

GRANT SELECT ON TABLE public.canned_replies TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.canned_replies TO service_role;

GRANT SELECT ON TABLE public.messages TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO service_role;

GRANT SELECT ON TABLE public.chat_history TO authenticated;
GRANT SELECT ON TABLE public.chat_history TO service_role;

GRANT SELECT ON TABLE public.contact_addresses TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_addresses TO service_role;

GRANT SELECT ON TABLE public.contacts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contacts TO service_role;

GRANT SELECT ON TABLE public.conversation_labels TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_labels TO service_role;

GRANT SELECT ON TABLE public.drafts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.drafts TO service_role;

GRANT SELECT ON TABLE public.events TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events TO service_role;

GRANT SELECT ON TABLE public.inbox_members TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbox_members TO service_role;

GRANT SELECT ON TABLE public.inboxes TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inboxes TO service_role;

GRANT SELECT ON TABLE public.labels TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO service_role;

GRANT SELECT ON TABLE public.notes TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notes TO service_role;

GRANT SELECT ON TABLE public.profiles TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.profiles TO service_role;

GRANT SELECT ON TABLE public.reads TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reads TO service_role;

GRANT SELECT ON TABLE public.service_state TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_state TO service_role;

GRANT SELECT ON TABLE public.settings TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.settings TO service_role;

GRANT SELECT ON TABLE public.templates TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.templates TO service_role;

CREATE POLICY balas_limit_anon ON realtime.messages AS RESTRICTIVE FOR ALL TO anon
  USING (COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile):'::text)
  WITH CHECK (COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile):'::text);
CREATE POLICY balas_limit_listen ON realtime.messages AS RESTRICTIVE FOR SELECT TO authenticated
  USING ((COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile):'::text) OR ((extension = 'broadcast'::text) AND ((( SELECT realtime.topic() AS topic) = ('profile:'::text || ( SELECT auth.uid() AS uid))) OR (( SELECT realtime.topic() AS topic) IN ( SELECT ('inbox:'::text || i.i)
   FROM private.my_inboxes() i(i))))));
CREATE POLICY balas_limit_speak ON realtime.messages AS RESTRICTIVE FOR INSERT TO authenticated
  WITH CHECK (COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile):'::text);
CREATE POLICY balas_listen ON realtime.messages FOR SELECT TO authenticated
  USING ((extension = 'broadcast'::text) AND ((( SELECT realtime.topic() AS topic) = ('profile:'::text || ( SELECT auth.uid() AS uid))) OR (( SELECT realtime.topic() AS topic) IN ( SELECT ('inbox:'::text || i.i)
   FROM private.my_inboxes() i(i)))));
CREATE POLICY balas_limit_anon ON storage.objects AS RESTRICTIVE FOR ALL TO anon
  USING (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]))
  WITH CHECK (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]));
CREATE POLICY balas_limit_delete ON storage.objects AS RESTRICTIVE FOR DELETE TO authenticated
  USING (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]));
CREATE POLICY balas_limit_insert ON storage.objects AS RESTRICTIVE FOR INSERT TO authenticated
  WITH CHECK ((bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text])) OR ((bucket_id = 'attachments'::text) AND ((EXISTS ( SELECT
   FROM public.conversations c
  WHERE ((c.id)::text = (storage.foldername(objects.name))[1]))) OR (((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_supervisor() AS is_supervisor)))));
CREATE POLICY balas_limit_read ON storage.objects AS RESTRICTIVE FOR SELECT TO authenticated
  USING ((bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text])) OR (EXISTS ( SELECT
   FROM public.conversations c
  WHERE ((c.id)::text = (storage.foldername(objects.name))[1]))) OR ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_staff() AS is_staff)));
CREATE POLICY balas_limit_update ON storage.objects AS RESTRICTIVE FOR UPDATE TO authenticated
  USING (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]))
  WITH CHECK (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]));
CREATE POLICY balas_read ON storage.objects FOR SELECT TO authenticated
  USING ((bucket_id = ANY (ARRAY['media'::text, 'attachments'::text])) AND (EXISTS ( SELECT
   FROM public.conversations c
  WHERE ((c.id)::text = (storage.foldername(objects.name))[1]))));
CREATE POLICY balas_read_canned ON storage.objects FOR SELECT TO authenticated
  USING ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_staff() AS is_staff));
CREATE POLICY balas_upload ON storage.objects FOR INSERT TO authenticated
  WITH CHECK ((bucket_id = 'attachments'::text) AND (EXISTS ( SELECT
   FROM public.conversations c
  WHERE ((c.id)::text = (storage.foldername(objects.name))[1]))));
CREATE POLICY balas_upload_canned ON storage.objects FOR INSERT TO authenticated
  WITH CHECK ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_supervisor() AS is_supervisor));
