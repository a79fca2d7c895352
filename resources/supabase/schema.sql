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

CREATE FUNCTION private.address_of(typed text, channel text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  select case
      when number ~ '^\+[1-9][0-9]{6,14}$'
        then case channel when 'whatsapp' then 'whatsapp:' else '' end || number
      -- a WhatsApp user without a number (ExternalUserId)
      when channel = 'whatsapp' and bare ~ '^[A-Z]{2}\.[0-9A-Za-z]{4,128}$' then 'whatsapp:' || bare
    end
    from (select regexp_replace(btrim(typed), '^whatsapp:', '') as bare) b
   cross join lateral (
     select regexp_replace(regexp_replace(b.bare, '[\s()./‐‑–-]+', '', 'g'), '^00', '+') as number) n
$_$;

CREATE FUNCTION private.addresses_of(listed jsonb) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  found text[];
begin
  if listed is null then
    return '{}';
  end if;
  if jsonb_typeof(listed) <> 'array' then
    perform private.refuse('bad_address', 'The numbers are not a list.');
  end if;
  select array_agg(distinct coalesce(
      private.address_of(x ->> 'address', x ->> 'channel'), ''))
    into found from jsonb_array_elements(listed) x;
  if '' = any (found) or exists (
    select from jsonb_array_elements(listed) x
     where coalesce(x ->> 'channel', '') not in ('whatsapp', 'sms')) then
    perform private.refuse('bad_address', 'This is no number that can be written to.',
      'Write it with its country code, for example +62 812 3456 7890.');
  end if;
  return coalesce(found, '{}');
end $$;

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
    first_response_due_at timestamp with time zone,
    next_response_due_at timestamp with time zone,
    joined_to uuid,
    overdue_since timestamp with time zone,
    CONSTRAINT balas_conversations_priority CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT balas_conversations_status CHECK ((status = ANY (ARRAY['open'::text, 'snoozed'::text, 'resolved'::text])))
);

COMMENT ON COLUMN public.conversations.last_inbound_at IS 'Start of the 24-hour window: when the service received the customer''s last message.';

COMMENT ON COLUMN public.conversations.waiting_since IS 'Since when the customer waits for an answer; shared by the team, cleared by an answer.';

COMMENT ON COLUMN public.conversations.first_response_due_at IS 'Kept: until when a customer who began, or took the thread up again, is to be answered first; counted within the hours of the inbox. Null when nobody waits for it.';

COMMENT ON COLUMN public.conversations.next_response_due_at IS 'Kept: the same for a customer who has been answered since and wrote again.';

COMMENT ON COLUMN public.conversations.joined_to IS 'The thread that has the messages of this one, while two contacts are merged.';

COMMENT ON COLUMN public.conversations.overdue_since IS 'Kept: the due time that has passed while the customer waits; the team was told of it. Null when none has.';

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
    routing boolean DEFAULT false NOT NULL,
    has_rules boolean DEFAULT false NOT NULL,
    auto_replies_per_hour integer DEFAULT 4 NOT NULL,
    take_back_minutes integer DEFAULT 10,
    first_response_minutes integer,
    next_response_minutes integer,
    reminder_minutes integer DEFAULT 120,
    locale text,
    hidden boolean DEFAULT false NOT NULL,
    CONSTRAINT inboxes_auto_replies_per_hour_check CHECK (((auto_replies_per_hour >= 0) AND (auto_replies_per_hour <= 60))),
    CONSTRAINT inboxes_channel_check CHECK ((channel = ANY (ARRAY['whatsapp'::text, 'sms'::text]))),
    CONSTRAINT inboxes_first_response_minutes_check CHECK (((first_response_minutes >= 1) AND (first_response_minutes <= 43200))),
    CONSTRAINT inboxes_messages_per_second_check CHECK (((messages_per_second >= 1) AND (messages_per_second <= 1000))),
    CONSTRAINT inboxes_next_response_minutes_check CHECK (((next_response_minutes >= 1) AND (next_response_minutes <= 43200))),
    CONSTRAINT inboxes_reminder_minutes_check CHECK (((reminder_minutes >= 1) AND (reminder_minutes <= 1439))),
    CONSTRAINT inboxes_replies_per_half_minute_check CHECK (((replies_per_half_minute >= 1) AND (replies_per_half_minute <= 1000))),
    CONSTRAINT inboxes_take_back_minutes_check CHECK (((take_back_minutes >= 0) AND (take_back_minutes <= 10080)))
);

COMMENT ON COLUMN public.inboxes.address IS 'As Twilio writes it: whatsapp:+62… or +62…';

COMMENT ON COLUMN public.inboxes.hours IS 'When people answer: {"zone": "Asia/Jakarta", "week": {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], …, "sun": []}, "holidays": ["2026-12-25"]}. A day that is not named is closed. A span that ends before it begins ends on the next day; it belongs to the day on which it begins, also where that is a holiday. Null: always open.';

COMMENT ON COLUMN public.inboxes.flagged IS 'Made by the service for a To address that nobody configured; an administrator must look.';

COMMENT ON COLUMN public.inboxes.messages_per_second IS 'What this sender sends at most; WhatsApp allows 80 by default.';

COMMENT ON COLUMN public.inboxes.replies_per_half_minute IS 'What one customer gets at most within 30 seconds: the 15th would be refused (14107).';

COMMENT ON COLUMN public.inboxes.routing IS 'Whether waiting customers are given to people.';

COMMENT ON COLUMN public.inboxes.has_rules IS 'Kept: whether an inbound message gets a job run_rules, for routing or for automatic replies.';

COMMENT ON COLUMN public.inboxes.auto_replies_per_hour IS 'So many automatic replies one customer gets at most within an hour, from all inboxes together.';

COMMENT ON COLUMN public.inboxes.take_back_minutes IS 'So long somebody may be absent until customers who wait for them go back to the queue, where routing or a colleague takes them; null: they stay with them.';

COMMENT ON COLUMN public.inboxes.first_response_minutes IS 'Minutes within the hours until the first answer is due; null: it never is.';

COMMENT ON COLUMN public.inboxes.reminder_minutes IS 'So long before the 24-hour window closes on somebody who waits, the team is told; null: never.';

COMMENT ON COLUMN public.inboxes.locale IS 'The language of its customers (id, en, pt-BR …), for those of whom we know none.';

COMMENT ON COLUMN public.inboxes.hidden IS 'The home of threads that were joined to others.';

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

CREATE FUNCTION private.answer_by_rules(message public.messages, thread public.conversations, inbox public.inboxes) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  reply constant uuid := private.uuid5(message.id, 'rule');
  rule public.auto_replies;
  way record;
  body text;
  lately integer;
  moment timestamptz;
begin
  if message.direction is distinct from 'inbound' or message.automatic
     -- Words that come late answer nothing any more.
     or coalesce(message.metadata #>> '{swept,sent_at}', message."timestamp"::text)::timestamptz
        < clock_timestamp() - interval '15 minutes'
     or coalesce(message.metadata #>> '{raw,OptOutType}', '') <> ''
     or exists (select from public.messages m where m.id = reply)
     or exists (select from public.inboxes i where i.address = message.from_number) then
    return null;
  end if;
  select count(*) into lately
    from public.conversations c join public.messages m on m.conversation_id = c.id
   where c.contact_id = thread.contact_id and m.automatic and m.direction = 'outbound'
     and m."timestamp" > clock_timestamp() - interval '1 hour';
  if lately >= inbox.auto_replies_per_hour
     or exists (select from public.messages m
                 where m.conversation_id = thread.id and m.automatic
                   and m."timestamp" > clock_timestamp() - interval '1 hour'
                   and m.content = message.content) then
    return null;
  end if;
  rule := private.rule_for(message, thread, inbox);
  if rule.id is null then
    return null;
  end if;
  begin
    way := private.route(thread, false);
  exception when raise_exception then  -- blocked, opted out, window closed, no number
    return null;
  end;
  body := left(private.filled_text(rule.body, private.rule_values(thread, inbox)), 1600);
  if body = '' then
    return null;
  end if;

  moment := private.next_moment(thread.id);
  insert into public.messages (id, conversation_id, direction, message_type, content, metadata,
    "timestamp", from_number, to_number, status, automatic)
  values (reply, thread.id, 'outbound', 'text', body,
    jsonb_build_object('kind', 'text', 'rule', jsonb_build_object(
      'id', rule.id, 'kind', rule.kind, 'answers', message.id)),
    moment, way.sender, way.recipient, 'queued', true);
  perform private.enqueue('send_message', jsonb_build_object('message_id', reply),
    'conversation:' || thread.id, null, 'send');
  -- Nobody has looked at it yet: the customer still waits.
  update public.conversations c set last_message_at = moment where c.id = thread.id;
  return reply;
end $$;

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

CREATE FUNCTION private.audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row constant jsonb := coalesce(is_now, was);
begin
  if tg_argv[0] = 'others' and auth.uid() is not null then
    return null;
  end if;
  select jsonb_object_agg(w.key, w.value) into was
    from jsonb_each(was) w where w.key = any (tg_argv[1:]);
  select jsonb_object_agg(w.key, w.value) into is_now
    from jsonb_each(is_now) w where w.key = any (tg_argv[1:]);
  -- Somebody without a role sees nothing before they are in an inbox, and that has its own entry; an
  -- adopted table may get a row for every customer that signs up.
  if tg_op = 'INSERT' and is_now ->> 'role' = 'agent' then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    if was = is_now then
      return null;
    end if;
    -- only what differs
    select coalesce(jsonb_object_agg(w.key, w.value), '{}'),
           coalesce(jsonb_object_agg(w.key, is_now -> w.key), '{}')
      into was, is_now
      from jsonb_each(was) w where w.value is distinct from is_now -> w.key;
  end if;
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (auth.uid(),
    tg_table_name || case tg_op when 'INSERT' then '_added' when 'UPDATE' then '_changed'
                                else '_removed' end,
    tg_table_name,
    coalesce(row ->> 'id', row ->> 'key', (row ->> 'inbox_id') || ':' || (row ->> 'profile_id')),
    jsonb_strip_nulls(jsonb_build_object('before', was, 'after', is_now)));
  return null;
end $$;

CREATE FUNCTION private.began_at(thread public.conversations) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select greatest(thread.created_at, (
    select max(e.created_at) from public.events e
     where e.conversation_id = thread.id and e.kind = 'reopened'
       and e.data ->> 'by' = 'customer' and e.data ->> 'was' = 'resolved'))
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

CREATE FUNCTION private.change_addresses(contact uuid, added text[], removed text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  taken text;
  changed boolean;
begin
  select x into taken from unnest(added) x
   where exists (select from public.inboxes i where i.address = x)
   limit 1;
  if taken is not null then
    perform private.refuse('bad_address', 'This is our own number.', 'Write another one.');
  end if;
  select x into taken from unnest(added) x
    join public.contact_addresses a on a.address = x and a.contact_id <> contact limit 1;
  if taken is not null then
    perform private.refuse('taken', 'This number belongs to another contact.', 'Merge the two.');
  end if;
  if exists (select from public.contact_addresses a
              where a.contact_id = contact and a.address = any (removed)
                and a.opted_out_at is not null) then
    perform private.refuse('opted_out', 'The customer opted out with this number.',
      'It stays, so that nobody writes to it.');
  end if;
  delete from public.contact_addresses a
   where a.contact_id = contact and a.address = any (removed) and a.address <> all (added);
  changed := found;
  insert into public.contact_addresses (contact_id, address, channel)
  select contact, x, case when x like 'whatsapp:%' then 'whatsapp' else 'sms' end
    from unnest(added) x
  on conflict (address) do nothing;
  changed := changed or found;
  if (select count(*) from public.contact_addresses a where a.contact_id = contact) > 20 then
    perform private.refuse('bad_address', 'A contact has at most 20 numbers.', 'Remove some.');
  end if;
  return changed;
end $$;

CREATE FUNCTION private.change_conversations(conversation_ids uuid[], act text, arguments jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  most constant integer := 500;
  asked constant jsonb := case when jsonb_typeof(arguments) = 'object' then arguments else '{}' end;
  who uuid;
  moment timestamptz;
  mark uuid;
  put_on boolean;
  ident uuid;
  last_one uuid;
  answer jsonb;
  answers jsonb[] := '{}';
  results jsonb := '{}';
  code text;
  words text;
  fix text;
begin
  if change_conversations.act is null or change_conversations.act not in (
       'assign', 'unassign', 'snooze', 'resolve', 'reopen', 'label', 'priority', 'mark_read') then
    perform private.refuse('bad_request', 'There is nothing of this name that can be done to many.',
      'Update Balas.');
  end if;
  if cardinality(conversation_ids) > most then
    perform private.refuse('too_many', 'At most 500 conversations can be changed at once.',
      'Choose fewer.');
  end if;
  begin
    who := (asked ->> 'assignee_id')::uuid;
    moment := (asked ->> 'until')::timestamptz;
    mark := (asked ->> 'label_id')::uuid;
    put_on := coalesce((asked ->> 'present')::boolean, true);
  exception when data_exception then
    perform private.refuse('bad_request', 'What is to be done cannot be read.', 'Try it again.');
  end;
  if act = 'assign' and who is null then
    perform private.refuse('bad_request', 'It is not said to whom.', 'Choose somebody.');
  end if;

  for ident in
    select distinct i from unnest(coalesce(conversation_ids, '{}')) i where i is not null order by i
  loop
    begin
      case act
        when 'assign' then answer := public.assign(ident, who);
        when 'unassign' then answer := public.assign(ident, null);
        when 'snooze' then answer := public.snooze(ident, moment);
        when 'resolve' then answer := public.resolve(ident);
        when 'reopen' then answer := public.reopen(ident);
        when 'label' then answer := public.set_label(ident, mark, put_on);
        when 'priority' then answer := public.set_priority(ident, asked ->> 'priority');
        else
          if not exists (select from public.conversations c
                          where c.id = ident and c.inbox_id in (select private.my_inboxes())) then
            perform private.refuse('not_found',
              'There is no such conversation, or it is not yours.',
              'Ask for access to its inbox.');
          end if;
          select m.id into last_one from public.messages m where m.conversation_id = ident
           order by m."timestamp" desc limit 1;
          answer := case when last_one is null then '{}' else
            jsonb_build_object('reads', jsonb_build_array(public.mark_read(ident, last_one))) end;
      end case;
      answers := answers || answer;
      results := results || jsonb_build_object(ident::text,
        jsonb_build_object('id', ident, 'done', true));
    exception
      when raise_exception then
        get stacked diagnostics code = message_text, words = pg_exception_detail,
          fix = pg_exception_hint;
        results := results || jsonb_build_object(ident::text, jsonb_build_object(
          'id', ident, 'done', false, 'code', code, 'detail', words, 'hint', fix));
      when deadlock_detected or lock_not_available then
        results := results || jsonb_build_object(ident::text, jsonb_build_object(
          'id', ident, 'done', false, 'code', 'busy',
          'detail', 'Somebody else is changing this conversation.', 'hint', 'Try it again.'));
    end;
  end loop;

  return jsonb_build_object(
    'results', (
      select coalesce(jsonb_agg(results -> i.id::text order by i.n), '[]')
        from (select id, min(n) as n from unnest(conversation_ids) with ordinality u (id, n)
               where id is not null group by id) i),
    'conversations', private.gathered(answers, 'conversations'),
    'events', private.gathered(answers, 'events'),
    'conversation_labels', private.gathered(answers, 'conversation_labels'),
    'reads', private.gathered(answers, 'reads'),
    'deleted', (
      select coalesce(jsonb_object_agg(k.kind, k.ids), '{}')
        from (select d.kind, jsonb_agg(e.id) as ids
                from unnest(answers) a, jsonb_each(coalesce(a -> 'deleted', '{}')) d (kind, ids),
                     jsonb_array_elements(d.ids) e (id)
               group by d.kind) k));
end $$;

CREATE FUNCTION private.changed_attributes(before jsonb, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
declare
  after jsonb;
begin
  if jsonb_typeof(change) <> 'object' then
    perform private.refuse('bad_request', 'The attributes are not a list of names and values.');
  end if;
  if exists (
    select from jsonb_each(change) a
     where a.key !~ '^[^[:cntrl:]{}]{1,60}$' or a.key <> btrim(a.key)
        or jsonb_typeof(a.value) in ('object', 'array')
        or char_length(a.value #>> '{}') > 1000) then
    perform private.refuse('bad_attribute',
      'An attribute is a name of at most 60 characters and a value of at most 1,000.',
      'Shorten it.');
  end if;
  select coalesce(jsonb_object_agg(a.key, a.value), '{}') into after
    from jsonb_each(before || change) a where jsonb_typeof(a.value) <> 'null';
  if (select count(*) from jsonb_object_keys(after)) > 50 then
    perform private.refuse('bad_attribute', 'A contact has at most 50 attributes.', 'Remove some.');
  end if;
  return after;
end $_$;

CREATE FUNCTION private.changed_contacts(contacts uuid[], told uuid[]) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object(
    'contacts', private.contact_rows(contacts),
    'events', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at, e.id), '[]')
        from public.events e join public.conversations c on c.id = e.conversation_id
       where e.id = any (told) and c.inbox_id in (select private.my_inboxes())))
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

CREATE FUNCTION private.check_form(given jsonb, form jsonb, code text, what text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  wrong record;
begin
  perform private.check_names(given, array(select k from jsonb_object_keys(form) k), code, what);
  select g.key, t.kinds into wrong
    from jsonb_each(given) g
   cross join lateral (select form ->> g.key as kinds, jsonb_typeof(g.value) as kind) t
   where t.kinds <> 'any'
     and t.kind <> all (string_to_array(t.kinds, ' '))
     and case when t.kind = 'number' and 'integer' = any (string_to_array(t.kinds, ' '))
           then mod((g.value #>> '{}')::numeric, 1) <> 0 else true end
   order by g.key limit 1;
  if found then
    perform private.refuse(code, format('%s: "%s" is not of its kind.', what, wrong.key),
      format('Its kind is %s.', replace(wrong.kinds, ' ', ' or ')));
  end if;
end $$;

CREATE FUNCTION private.check_hours(hours jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  stray text;
  day text;
  span jsonb;
begin
  if jsonb_typeof(hours) is distinct from 'object' then
    raise exception 'they are no object';
  end if;
  select k into stray from jsonb_object_keys(hours) k
   where k <> all (array['zone', 'week', 'holidays']) order by k limit 1;
  if found then
    raise exception 'there is no "%", only zone, week and holidays', left(stray, 60);
  end if;
  if hours ->> 'zone' !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    raise exception 'the zone is named like Asia/Jakarta';
  end if;
  perform now() at time zone (hours ->> 'zone');
  if hours ->> 'zone' is null or jsonb_typeof(hours -> 'week') is distinct from 'object'
     or coalesce(jsonb_typeof(hours -> 'holidays'), 'array') <> 'array' then
    raise exception 'zone, week or holidays';
  end if;
  for day in select k from jsonb_object_keys(hours -> 'week') k loop
    if day <> all (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) then
      raise exception 'a day is named mon, tue, …';
    end if;
    if jsonb_typeof(hours -> 'week' -> day) <> 'array' then
      raise exception 'a day is a list of spans';
    end if;
    for span in select e from jsonb_array_elements(hours -> 'week' -> day) e loop
      if jsonb_typeof(span) <> 'array' or jsonb_array_length(span) <> 2
         or exists (select from jsonb_array_elements(span) t
                     where jsonb_typeof(t) <> 'string'
                        or t #>> '{}' !~ '^\d{1,2}:\d\d(:\d\d)?$' or (t #>> '{}')::time is null)
      then
        raise exception 'a span is two times, written 08:00';
      end if;
    end loop;
  end loop;
  perform d::date from jsonb_array_elements_text(hours -> 'holidays') d
    where d !~ '^\d{4}-\d\d-\d\d$' or d::date is null;
  if found then
    raise exception 'a holiday is written 2026-12-25';
  end if;
exception when others then
  perform private.refuse('bad_hours', 'These hours cannot be read: ' || sqlerrm || '.',
    'Write a zone, a week of spans and the holidays.');
end $_$;

CREATE FUNCTION private.check_names(given jsonb, known text[], code text, what text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  key text;
begin
  if jsonb_typeof(given) is distinct from 'object' then
    perform private.refuse(code, format('%s: this is no object.', what));
  end if;
  select k into key from jsonb_object_keys(given) k where k <> all (known) order by k limit 1;
  if found then
    perform private.refuse(code, format('%s: there is no "%s".', what, left(key, 60)),
      case when known = '{}' then 'Name nothing.'
        else format('It may name %s.', array_to_string(known, ', ')) end);
  end if;
end $$;

CREATE FUNCTION private.check_send_at(thread public.conversations, at timestamp with time zone, is_template boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.check_template(template jsonb) RETURNS void
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select private.check_form(template, '{"content_sid": "string null", "name": "string null",
    "language": "string null", "variables": "object null"}', 'bad_template', 'A template')
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
    perform private.check_form(file, '{"path": "string", "content_type": "string",
      "name": "string null", "size": "number null"}', 'bad_media', 'A file');
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

CREATE FUNCTION private.chosen_template(template jsonb, inbox uuid, contact uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  home public.inboxes;
  known public.templates;
  words constant jsonb := private.known_words(inbox, contact);
  given constant jsonb := coalesce(nullif(template -> 'variables', 'null'), '{}');
  filled jsonb;
  missing text[];
begin
  perform private.check_template(template);
  select * into home from public.inboxes i where i.id = inbox;
  if coalesce(template ->> 'content_sid', '') <> '' then
    select * into known from public.templates t where t.content_sid = template ->> 'content_sid';
  elsif coalesce(template ->> 'name', '') <> '' then
    known := private.fitting_template(template ->> 'name', array_remove(array[
      template ->> 'language',
      (select p.locale from public.contacts p where p.id = contact), home.locale], null),
      home.channel);
    if known.id is null then
      if exists (select from public.templates t where t.name = template ->> 'name') then
        perform private.refuse('template_not_approved',
          'WhatsApp has not approved this template.', 'Choose an approved template.');
      end if;
      perform private.refuse('bad_template', 'There is no template of this name.',
        'Choose another one.');
    end if;
  else
    perform private.refuse('bad_template', 'The template has no name.',
      'Choose the template again.');
  end if;

  -- What was given, with its words filled in; then what the template names by itself.
  select coalesce(jsonb_object_agg(g.key, private.filled_words(g.value, words))
           filter (where private.filled_words(g.value, words) <> ''), '{}')
    into filled from jsonb_each_text(given) g;
  select filled || coalesce(jsonb_object_agg(b.word, words -> b.word)
           filter (where not filled ? b.word and not given ? b.word and words ? b.word), '{}'),
         array_agg(distinct b.word order by b.word)
           filter (where not filled ? b.word and (given ? b.word or not words ? b.word))
    into filled, missing
    from (select m[1] as word
            from regexp_matches(coalesce(known.body, ''), '\{\{\s*(\w+)\s*\}\}', 'g') m) b;
  return jsonb_build_object(
    'content_sid', coalesce(known.content_sid, template ->> 'content_sid'),
    'name', known.name, 'language', known.language, 'variables', filled,
    'text', private.filled_template(known.body, filled),
    'missing', coalesce(to_jsonb(missing), '[]'));
end $$;

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

CREATE FUNCTION private.closed_since(hours jsonb, at timestamp with time zone DEFAULT clock_timestamp()) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select max(upper(span))
    from (select (closed_since.at at time zone (hours ->> 'zone'))::date as today) t
   cross join lateral generate_series(-31, 0) d
   cross join lateral private.hours_on(hours, t.today + d) span
   where upper(span) <= closed_since.at
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

CREATE FUNCTION private.contact_rows(contacts uuid[]) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
        from public.contact_addresses a where a.contact_id = p.id)) order by p.id), '[]')
    from public.contacts p where p.id = any (contacts)
$$;

CREATE FUNCTION private.contact_to_start(channel text, typed text, named uuid, called text, OUT contact uuid, OUT address text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  owner uuid;
begin
  if typed is not null then
    address := private.address_of(typed, contact_to_start.channel);
    if address is null then
      perform private.refuse('bad_address', 'This is no number that can be written to.',
        'Write it with its country code, for example +62 812 3456 7890.');
    end if;
  elsif not exists (select from public.contact_addresses a
                     where a.contact_id = named and a.channel = contact_to_start.channel) then
    address := private.number_of(named, contact_to_start.channel);
  end if;
  if exists (select from public.inboxes i where i.address = contact_to_start.address) then
    perform private.refuse('bad_address', 'This is our own number.', 'Write to somebody else.');
  end if;
  if address is not null then
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || address, 0));
  end if;

  if named is not null then
    contact := private.lock_contact(named);
    if contact is null or not private.may_see_contact(contact) then
      perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
    end if;
    if address is null then
      if not exists (select from public.contact_addresses a
                      where a.contact_id = contact and a.channel = contact_to_start.channel) then
        perform private.refuse('no_address', 'This contact has no address on this channel.',
          'Add a number to the contact.');
      end if;
      return;
    end if;
  end if;
  select a.contact_id into owner from public.contact_addresses a
   where a.address = contact_to_start.address;
  if contact is null then
    contact := coalesce(private.lock_contact(owner), private.contact_for(array[address],
      contact_to_start.channel, substring(address from '\+[0-9]+$'), called));
  elsif owner is null then
    insert into public.contact_addresses (contact_id, address, channel)
    values (contact, contact_to_start.address, contact_to_start.channel);
  elsif owner <> contact then
    perform private.refuse('taken', 'This number belongs to another contact.',
      'Write to that contact, or merge the two.');
  end if;
end $_$;

CREATE TABLE private.searchable_contacts (
    contact_id uuid NOT NULL,
    name_key text NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE private.searchable_contacts IS 'One row for each contact who was not merged into another; name_key is the order of what is found.';

CREATE FUNCTION private.contact_words(contacts uuid[]) RETURNS SETOF private.searchable_contacts
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select p.id, left(private.folded(coalesce(nullif(btrim(p.name), ''), p.phone, '')), 80),
         array_to_tsvector(array(
           select distinct left(w, 60)
             from string_to_table(private.folded(left(p.name, 1000)), ' ') w where w <> ''
           union
           select private.number_ends(p.phone)
           union
           select private.number_ends(a.address)
             from public.contact_addresses a where a.contact_id = p.id
           union
           select '~' || c.inbox_id from public.conversations c
            where c.contact_id = p.id and c.inbox_id is not null))
    from public.contacts p
   where p.id = any (contacts) and p.merged_into is null
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

CREATE FUNCTION private.count_erased(erasure uuid, more jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.erasures e
     set counts = e.counts || (
       select coalesce(jsonb_object_agg(k, coalesce((e.counts ->> k)::bigint, 0) + v::bigint), '{}')
         from jsonb_each_text(more) j (k, v))
   where e.id = erasure
$$;

CREATE FUNCTION private.count_segments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  new.metadata := coalesce(new.metadata, '{}') || jsonb_build_object('segments',
    case when new.media <> '[]' then 1 else private.sms_segments(new.content) end);
  return new;
end $$;

CREATE FUNCTION private.day_begins(day date, zone text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select case when ((m.midnight - interval '1 hour') at time zone zone)::date = day
              then m.midnight - interval '1 hour' else m.midnight end
    from (select day::timestamp at time zone zone) m (midnight)
$$;

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

CREATE FUNCTION private.due_at(inbox public.inboxes, since timestamp with time zone, answered boolean) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  minutes constant integer := case when answered then inbox.next_response_minutes
                                   else inbox.first_response_minutes end;
begin
  return private.open_minutes_after(inbox.hours, since, minutes);
exception when others then  -- hours of the time before they were checked
  return since + make_interval(mins => minutes);
end $$;

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

CREATE FUNCTION private.enqueue_erasure(erasure uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select private.enqueue('erase_contact', jsonb_build_object('message_id', erasure),
    queueing_lock => 'erase_contact:' || erasure, queue => 'privacy')
$$;

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

CREATE FUNCTION private.erase_from_audit(subjects text[], addresses text[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  emptied bigint;
begin
  perform private.open_audit();
  update public.audit_log a set data = '{"erased": true}'
   where a.data <> '{"erased": true}'
     and a.action <> 'contact_erasure_requested'
     and (a.subject_type in ('contacts', 'contact', 'conversations', 'conversation', 'messages',
                             'contact_addresses')
            and a.subject_id = any (subjects)
          or exists (select from unnest(addresses) n where position(n in a.data::text) > 0));
  get diagnostics emptied = row_count;
  return emptied;
end $$;

CREATE FUNCTION private.erase_mentions(people uuid[], threads uuid[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  mentions integer;
begin
  delete from private.handovers h
   where exists (select from unnest(threads) t where position(t::text in h.answer::text) > 0);
  update public.events e
     set data = e.data - array['name', 'from_name'] || '{"erased": true}'
    from private.contact_merges m
    join public.conversations c on c.contact_id in (m.into_id, m.from_id)
   where (m.into_id = any (people) or m.from_id = any (people))
     and e.conversation_id = c.id and c.id <> all (threads)
     and e.data ->> 'merge_id' = m.id::text;
  get diagnostics mentions = row_count;
  return jsonb_build_object('mentions', mentions);
end $$;

CREATE FUNCTION private.erase_rows(erasure uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  asked public.erasures;
  people uuid[];
  phones text[];
  names text[];
  threads uuid[];
  inboxes uuid[];
  gone uuid[];
  ours constant text[] := array(
    select i.address from public.inboxes i where i.address is not null);
  busy boolean := false;
  counted jsonb;
begin
  select * into asked from public.erasures e where e.id = erasure for update;
  if asked.id is null or asked.state not in ('waiting', 'erasing') then
    return null;
  end if;
  if asked.rows_at is not null then
    return jsonb_build_object('until', asked.rows_at);
  end if;

  -- With everybody who was merged into this contact: they are the same person.
  with recursive same (id) as (
    select asked.contact_id
    union
    select c.id from public.contacts c join same s on c.merged_into = s.id)
  select array_agg(id order by id) into people from same;
  -- The order of private.ingest: addresses, the contact, its conversations. What the customer
  -- writes from now on waits for us, and then begins anew.
  names := array(
    select a.address from public.contact_addresses a where a.contact_id = any (people)
     order by a.address);
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || a, 0))
    from unnest(names) a;
  perform from public.contacts c where c.id = any (people) order by c.id for update;
  if names <> array(
    select a.address from public.contact_addresses a where a.contact_id = any (people)
     order by a.address)
     or exists (select from public.contacts c
                 where c.merged_into = any (people) and c.id <> all (people)) then
    return jsonb_build_object('wait', 0.2);  -- one more came meanwhile: its lock comes first
  end if;
  phones := array(
    select c.phone from public.contacts c where c.id = any (people) and c.phone is not null);
  threads := array(
    select c.id from public.conversations c where c.contact_id = any (people) order by c.id);
  -- claim_messages waits here, and then finds nothing to send
  perform pg_advisory_xact_lock(hashtextextended('balas:send:' || t, 0)) from unnest(threads) t;
  perform from public.conversations c where c.id = any (threads) order by c.id for update;

  -- A customer may have the address of an inbox of ours, as when two of them write to each other:
  -- what others wrote to that inbox is not theirs.
  gone := array(
    select m.id from public.messages m where m.conversation_id = any (threads)
    union
    select m.id from public.messages m
     where m.from_number = any (names) and m.from_number <> all (ours)
    union
    select m.id from public.messages m
     where m.to_number = any (names) and m.to_number <> all (ours));
  if exists (select from public.messages m where m.id = any (gone) and m.status = 'sending') then
    return jsonb_build_object('wait', 2);
  end if;
  if exists (
    select from public.messages m
      join public.delivery_attempts a on a.message_id = m.id
     where m.id = any (gone) and m.status = 'uncertain' and m.message_sid is null
       and a.started_at > now() - interval '15 minutes') then
    return jsonb_build_object('wait', 15);  -- Twilio's list does not have it yet, perhaps
  end if;
  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      select exists (select from jobs.procrastinate_jobs j
                      where j.status = 'doing' and j.task_name <> 'erase_contact'
                        and j.args ->> 'message_id' = any ($1))
    $query$ into busy using gone::text[];
    if busy then
      return jsonb_build_object('wait', 2);  -- a file is being copied, perhaps
    end if;
  end if;

  inboxes := array(
    select distinct c.inbox_id from public.conversations c
     where c.id = any (threads) and c.inbox_id is not null);
  insert into private.erasure_parts (erasure_id, kind, name)
  select erasure, 'address', n from unnest(names) n where n <> all (ours)
  union
  select erasure, 'sid', m.message_sid from public.messages m
   where m.id = any (gone) and m.message_sid is not null
  union
  select erasure, 'sid', a.sid from public.delivery_attempts a
   where a.message_id = any (gone) and a.sid is not null
  union
  select erasure, 'folder', t || '/' from unnest(threads) t
  union
  select erasure, 'folder', m.conversation_id || '/' || m.id || '/' from public.messages m
   where m.id = any (gone) and m.conversation_id <> all (threads)
  on conflict do nothing;
  insert into private.erased_sids (sid)
  select p.name from private.erasure_parts p where p.erasure_id = erasure and p.kind = 'sid'
  on conflict do nothing;
  delete from private.early_statuses s
   using private.erasure_parts p
   where p.erasure_id = erasure and p.kind = 'sid' and s.sid = p.name;

  counted := private.erase_traces(gone, threads, names || phones)
    || private.erase_mentions(people, threads)
    || jsonb_build_object(
      'conversations', cardinality(threads), 'messages', cardinality(gone),
      'addresses', cardinality(names),
      'notes', (select count(*) from public.notes n where n.conversation_id = any (threads)),
      'audit_entries', private.erase_from_audit(
        threads::text[] || gone::text[] || people::text[],
        array(select private.needle(n) from unnest(names) n where length(private.needle(n)) >= 7)));
  -- Attempts, notes, events, labels, drafts and read marks go with their conversation; so do what
  -- desktops have of it, as soon as they hear that it is gone.
  delete from public.conversations c where c.id = any (threads);
  delete from public.messages m where m.id = any (gone);
  delete from public.contacts c where c.id = any (people);
  -- The contact's own triggers find no conversation any more to say where it was known.
  insert into private.changes (kind, id, inbox_id, op)
  select 'contacts', p::text, i, 'delete' from unnest(people) p cross join unnest(inboxes) i;
  perform private.count_erased(erasure, counted);
  update public.erasures e set state = 'erasing', rows_at = clock_timestamp(), trouble = null
   where e.id = erasure returning e.* into asked;
  return jsonb_build_object('until', asked.rows_at);
end $_$;

CREATE FUNCTION private.erase_traces(messages uuid[], threads uuid[], addresses text[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  -- shorter ones would be found in what is somebody else's
  needles constant text[] := array(
    select private.needle(a) from unnest(addresses) a where length(private.needle(a)) >= 7);
  requests bigint;
  jobs bigint := 0;
begin
  with gone as (
    delete from private.webhook_requests r where r.message_id = any (messages) returning 1),
  loose as (
    delete from private.webhook_requests r
     where r.message_id is null
       and (r.parameters ->> 'From' = any (addresses) or r.parameters ->> 'To' = any (addresses)
            or exists (select from unnest(needles) n
                        where position(convert_to(n, 'UTF8') in r.body) > 0))
    returning 1)
  select (select count(*) from gone) + (select count(*) from loose) into requests;

  delete from private.sweep_unsure u
   where u.listed ->> 'to' = any (addresses) or u.listed ->> 'from' = any (addresses);
  delete from private.pair_pace p where p.recipient = any (addresses);

  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      with gone as (
        delete from jobs.procrastinate_jobs j
         where j.status <> 'doing'
           and (j.args ->> 'message_id' = any ($1)
                or j.args ->> 'conversation_id' = any ($2)
                or j.lock = any (select 'conversation:' || t from unnest($2) t)
                or exists (select from unnest($3) n where position(n in j.args::text) > 0))
        returning 1)
      select count(*) from gone
    $query$ into jobs using messages::text[], threads::text[], needles;
  end if;
  return jsonb_build_object('raw_requests', requests, 'jobs', jobs);
end $_$;

CREATE FUNCTION private.erasure_done(erasure uuid, kind text, names text[], counted jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  delete from private.erasure_parts p
   where p.erasure_id = erasure and p.kind = erasure_done.kind and p.name = any (names);
  if found then
    perform private.count_erased(erasure, counted);
  end if;
end $$;

CREATE FUNCTION private.erasure_due(erasure uuid, kind text, most integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_agg(d.name), '[]')
    from (select p.name from private.erasure_parts p
           where p.erasure_id = erasure and p.kind = erasure_due.kind and p.not_before <= now()
           order by p.name limit most) d
$$;

CREATE FUNCTION private.erasure_failed(erasure uuid, kind text, name text, words text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update private.erasure_parts p
     set tries = p.tries + 1,
         not_before = now() + least(5 * 2 ^ least(p.tries, 12), 3600) * interval '1 second'
   where p.erasure_id = erasure and p.kind = erasure_failed.kind and p.name = erasure_failed.name;
  update public.erasures e set trouble = words
   where e.id = erasure and e.trouble is distinct from words;
end $$;

CREATE FUNCTION private.erasure_files(erasure uuid, most integer DEFAULT 100) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  folder text;
  found jsonb := '{}';
begin
  if to_regclass('storage.objects') is null then
    return found;
  end if;
  for folder in
    select p.name from private.erasure_parts p
     where p.erasure_id = erasure and p.kind = 'folder' order by p.name
  loop
    -- written into the statement, so that it is searched for by an index
    execute format($query$
      select coalesce(jsonb_object_agg(b, paths), '{}')
        from (select o.bucket_id as b, jsonb_agg(o.name) as paths
                from (select bucket_id, name from storage.objects
                       where bucket_id in ('media', 'attachments') and name like %L
                       limit %s) o
               group by o.bucket_id) g
    $query$, folder || '%', most) into found;
    exit when found <> '{}';
  end loop;
  return found;
end $_$;

CREATE FUNCTION private.erasure_finish(erasure uuid, patience interval DEFAULT '7 days'::interval) RETURNS double precision
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  asked public.erasures;
  refused text[];
begin
  select * into asked from public.erasures e where e.id = erasure for update;
  if asked.id is null or asked.state <> 'erasing' then
    return null;
  end if;
  delete from private.erasure_parts p
   where p.erasure_id = erasure and p.kind = 'folder'
     and private.erasure_files(erasure, 1) = '{}';
  if exists (select from private.erasure_parts p
              where p.erasure_id = erasure
                and (p.kind <> 'sid' or p.tries = 0 or asked.rows_at > now() - patience)) then
    return (select greatest(0.2, coalesce(extract(epoch from min(p.not_before) - now()), 5))
              from private.erasure_parts p
             where p.erasure_id = erasure and p.not_before > '-infinity');
  end if;
  refused := array(
    select p.name from private.erasure_parts p where p.erasure_id = erasure order by p.name);
  update public.erasures e
     set state = case when refused = '{}' then 'done' else 'incomplete' end,
         finished_at = clock_timestamp(), left_over = refused,
         trouble = case when refused = '{}' then null else e.trouble end
   where e.id = erasure;
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (asked.requested_by,
    case when refused = '{}' then 'contact_erased' else 'contact_erasure_incomplete' end,
    'contacts', asked.contact_id::text,
    jsonb_build_object('erasure_id', erasure, 'counts', asked.counts));
  return null;
end $$;

CREATE FUNCTION private.erasure_listed(erasure uuid, listed jsonb) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  fresh text[];
  added integer;
begin
  fresh := array(
    select distinct l.sid from jsonb_to_recordset(listed) as l (
             sid text, ours text, service_sid text, channel text)
     where private.our_inbox(l.ours, l.service_sid, l.channel) is not null
       -- written after the erasure began: a new beginning
       and not exists (select from public.messages m where m.message_sid = l.sid));
  insert into private.erasure_parts (erasure_id, kind, name)
  select erasure, 'sid', s from unnest(fresh) s
   where not exists (select from private.erased_sids e where e.sid = s)
  on conflict do nothing;
  get diagnostics added = row_count;
  insert into private.erased_sids (sid) select unnest(fresh) on conflict do nothing;
  delete from private.early_statuses s where s.sid = any (fresh);
  return added;
end $$;

CREATE FUNCTION private.exported_contacts(inbox uuid DEFAULT NULL::uuid) RETURNS SETOF jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select jsonb_build_object('name', p.name, 'phone', p.phone, 'locale', p.locale,
      'notes', p.notes, 'blocked', p.blocked, 'attributes', p.attributes,
      'created_at', p.created_at,
      'addresses', coalesce(a.listed, '[]'), 'opted_out', coalesce(a.silent, '[]'))
    from public.contacts p
    left join lateral (
      select jsonb_agg(a.address order by a.created_at, a.address) as listed,
             jsonb_agg(a.address order by a.created_at, a.address)
               filter (where a.opted_out_at is not null) as silent
        from public.contact_addresses a where a.contact_id = p.id) a on true
   where p.merged_into is null
     and (inbox is null or exists (
       select from public.conversations c where c.contact_id = p.id and c.inbox_id = inbox))
   order by p.name nulls last, p.id
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

CREATE FUNCTION private.feed_snapshot(mine uuid[], me uuid, staff boolean) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  all_staff constant uuid := '00000000-0000-0000-0000-000000000000';
  seen constant pg_snapshot := pg_current_snapshot();
  first_of_all constant bigint := 3;  -- the numbers below are Postgres's own
  until bigint;
  running bigint[];
begin
  select coalesce(max(c.xid::text::bigint) + 1, first_of_all) into until
    from unnest(mine || me || case when staff then all_staff end) a (id)
   cross join lateral (
     select c.xid from private.changes c
      where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
      order by c.xid desc, c.seq desc limit 1) c;
  running := array(
    select x.xid::text::bigint from pg_snapshot_xip(seen) x (xid)
     where x.xid::text::bigint < until order by 1);
  return format('%s:%s:%s', coalesce(running[1], until), until, array_to_string(running, ','));
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

CREATE FUNCTION private.files_due(most integer DEFAULT 100) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  found jsonb;
  folder text;
begin
  select coalesce(jsonb_object_agg(b, paths), '{}') into found
    from (select d.bucket as b, jsonb_agg(d.path) as paths
            from (select bucket, path from private.files_to_delete order by since limit most) d
           group by d.bucket) g;
  if found <> '{}' or to_regclass('storage.objects') is null then
    return found;
  end if;
  for folder in
    select f.name from private.erased_folders f
     where f.erased_at > now() - interval '7 days' order by f.erased_at
  loop
    execute format($query$
      select coalesce(jsonb_object_agg(b, paths), '{}')
        from (select o.bucket_id as b, jsonb_agg(o.name) as paths
                from (select bucket_id, name from storage.objects
                       where bucket_id in ('media', 'attachments') and name like %L
                       limit %s) o
               group by o.bucket_id) g
    $query$, folder || '%', most) into found;
    exit when found <> '{}';
  end loop;
  return found;
end $_$;

CREATE FUNCTION private.files_gone(bucket text, paths text[]) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  delete from private.files_to_delete d
   where d.bucket = files_gone.bucket and d.path = any (paths)
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

CREATE FUNCTION private.filled_text(body text, vals jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select btrim(string_agg(
      case when found.k is not null and coalesce(vals ->> found.k, '') = ''
        then rtrim(plain.piece) else plain.piece end || coalesce(vals ->> found.k, ''),
      '' order by plain.n))
    from regexp_split_to_table(body, '\{\{\s*[\w.]+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as k, row_number() over () as n
        from regexp_matches(body, '\{\{\s*([\w.]+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

CREATE FUNCTION private.filled_words(body text, words jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when bool_and(found.word is null or words ? found.word)
    then string_agg(plain.piece || coalesce(words ->> found.word, ''), '' order by plain.n) end
    from regexp_split_to_table(body, '\{\{\s*[\w.-]+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as word, row_number() over () as n
        from regexp_matches(body, '\{\{\s*([\w.-]+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

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

CREATE FUNCTION private.fitting_template(wanted text, languages text[], channel text) RETURNS public.templates
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select t
    from public.templates t
    left join lateral (
      select min(case
          when tongue.has = tongue.asked then l.n * 3
          when tongue.has = split_part(tongue.asked, '-', 1) then l.n * 3 + 1
          when split_part(tongue.has, '-', 1) = split_part(tongue.asked, '-', 1) then l.n * 3 + 2
        end) as place
        from unnest(languages) with ordinality l (code, n)
       cross join lateral (
         select lower(replace(t.language, '_', '-')) as has,
                lower(replace(l.code, '_', '-')) as asked) tongue) fit on true
   where t.name = wanted and (channel <> 'whatsapp' or t.status = 'approved')
   order by (t.status = 'approved') desc nulls last, fit.place nulls last, t.language, t.content_sid
   limit 1
$$;

CREATE FUNCTION private.fold_reports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  home text;
begin
  -- A stricter transaction would fail on lines that another one folded meanwhile.
  if current_setting('transaction_isolation') <> 'read committed'
     or not pg_try_advisory_xact_lock(hashtextextended('balas:fold_reports', 0)) then
    return;
  end if;
  select z.zone into home from private.report_zone z;
  with taken as (
    delete from private.report_volume v
     where v.id in (select id from private.report_volume
                     where not folded and slot < now() - interval '20 minutes'
                       for update skip locked)
    returning v.slot, v.inbox_id, v.agent_id, v.what, v.n),
  kept as (
    insert into private.report_volume (slot, inbox_id, agent_id, what, n, folded)
    select t.slot, t.inbox_id, t.agent_id, t.what, sum(t.n), true
      from taken t
     group by t.slot, t.inbox_id, t.agent_id, t.what)
  insert into private.report_days as d (day, inbox_id, agent_id, what, n)
  select (t.slot at time zone home)::date, t.inbox_id, t.agent_id, t.what, sum(t.n)
    from taken t
   group by 1, 2, 3, 4
  on conflict (day, inbox_id, agent_id, what) do update set n = d.n + excluded.n;
end $$;

CREATE FUNCTION private.fold_reports_when_due(lines integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if lines > 0 and currval('private.report_volume_id_seq') % 1024 < lines then
    perform private.fold_reports();
  end if;
end $$;

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

CREATE FUNCTION private.folded(content text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select btrim(regexp_replace(
    case when octet_length(content) = char_length(content) then lower(content)
         else regexp_replace(
           lower(regexp_replace(normalize(content, NFKD), '[\u0300-\u036f]', '', 'g')),
           '([\u2190-\u2bff\U0001f000-\U0001faff])', ' \1 ', 'g') end,
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf'
    '\u00d7\u00f7\u2000-\u206f\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\ue000-\uf8ff\ufe00-\ufe0f'
    '\ufe30-\ufe4f\ufeff]+', ' ', 'g'))
$$;

CREATE FUNCTION private.free_members(inbox uuid) RETURNS SETOF uuid
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select p.id
    from public.inbox_members m
    join public.profiles p on p.id = m.profile_id
   where m.inbox_id = free_members.inbox and p.active and p.available
     and (select count(*) from (
           select from public.conversations c
            where c.assignee_id = p.id and c.status = 'open' limit p.capacity) c) < p.capacity
$$;

CREATE FUNCTION private.gathered(answers jsonb[], kind text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_agg(r), '[]')
    from unnest(answers) a, jsonb_array_elements(a -> kind) r
$$;

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

CREATE FUNCTION private.give_up_files(gone uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into private.files_to_delete (bucket, path)
  select distinct f ->> 'bucket', f ->> 'path'
    from public.messages m cross join lateral jsonb_array_elements(m.media) f
   where m.id = any (gone) and f ->> 'bucket' in ('media', 'attachments')
     and f ->> 'path' like m.conversation_id || '/_%'
     and not exists (
       select from public.messages o
        where o.conversation_id = m.conversation_id and o.id <> all (gone)
          and o.media @> jsonb_build_array(jsonb_build_object('path', f -> 'path')))
  on conflict do nothing
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

CREATE FUNCTION private.hidden_inbox() RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  found uuid;
begin
  select i.id into found from public.inboxes i where i.hidden;
  if found is null then
    insert into public.inboxes (name, channel, hidden) values ('Joined threads', 'whatsapp', true)
    on conflict (hidden) where hidden do nothing;
    select i.id into found from public.inboxes i where i.hidden;
  end if;
  return found;
end $$;

CREATE FUNCTION private.hold_moving() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform from public.conversations c where c.id = new.id for update;
  return new;
end $$;

CREATE FUNCTION private.hours_on(hours jsonb, day date) RETURNS SETOF tstzrange
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select tstzrange((day + s.begins) at time zone z.zone,
                   (day + s.ends + case when s.ends <= s.begins then interval '1 day'
                                        else interval '0' end) at time zone z.zone)
    from (select hours ->> 'zone' as zone) z
   cross join lateral (
     select (e ->> 0)::time as begins, (e ->> 1)::time as ends
       from jsonb_array_elements(
         hours -> 'week' -> (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[
           extract(isodow from day)::integer]) e) s
   where not coalesce(hours -> 'holidays' ? day::text, false)
     -- a spring night may have no such hour
     and (day + s.begins) at time zone z.zone
         < (day + s.ends + case when s.ends <= s.begins then interval '1 day'
                                else interval '0' end) at time zone z.zone
   order by s.begins
$$;

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

CREATE FUNCTION private.import_contact(item jsonb, overwrite boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  given constant text[] := array(select jsonb_array_elements_text(item -> 'addresses'));
  silent constant text[] := array(select jsonb_array_elements_text(item -> 'opted_out'));
  owners uuid[];
  person uuid;
  before public.contacts;
  after public.contacts;
  changed boolean := false;
begin
  if cardinality(given) = 0 then
    perform private.refuse('bad_address', 'There is no number.');
  end if;
  if exists (select from unnest(given) x
              where x <> coalesce(private.address_of(
                x, case when x like 'whatsapp:%' then 'whatsapp' else 'sms' end), '')) then
    perform private.refuse('bad_address', 'This is no number that can be written to.');
  end if;
  select array_agg(distinct a.contact_id) into owners
    from public.contact_addresses a where a.address = any (given);
  if cardinality(owners) > 1 then
    perform private.refuse('taken', 'These numbers belong to several contacts.');
  end if;
  if owners is null then
    insert into public.contacts default values returning id into person;
  else
    person := private.lock_contact(owners[1]);
  end if;
  select * into before from public.contacts p where p.id = person;

  after := before;
  if overwrite then
    after.name := coalesce(item ->> 'name', before.name);
    after.phone := coalesce(item ->> 'phone', before.phone);
    after.locale := coalesce(item ->> 'locale', before.locale);
    after.notes := coalesce(item ->> 'notes', before.notes);
    after.attributes := private.changed_attributes(before.attributes, item -> 'attributes');
  else
    after.name := coalesce(nullif(before.name, ''), item ->> 'name');
    after.phone := coalesce(before.phone, item ->> 'phone');
    after.locale := coalesce(before.locale, item ->> 'locale');
    after.notes := coalesce(nullif(before.notes, ''), item ->> 'notes');
    after.attributes := private.changed_attributes(before.attributes, (item -> 'attributes')
      - array(select jsonb_object_keys(before.attributes)));
  end if;
  after.blocked := before.blocked or coalesce((item ->> 'blocked')::boolean, false);
  if after is distinct from before then
    update public.contacts p
       set name = after.name, phone = after.phone, locale = after.locale, notes = after.notes,
           attributes = after.attributes, blocked = after.blocked
     where p.id = person;
    changed := true;
  end if;
  changed := private.change_addresses(person, given, '{}') or changed;
  update public.contact_addresses a set opted_out_at = clock_timestamp()
   where a.contact_id = person and a.address = any (silent) and a.opted_out_at is null;
  changed := changed or found;
  return case when owners is null then 'added' when changed then 'changed' else 'same' end;
end $$;

CREATE FUNCTION private.import_contacts(batch jsonb, overwrite boolean DEFAULT false) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  answers jsonb := '[]';
  item jsonb;
  outcome text;
  words text;
begin
  -- One at a time: the contacts of two files may be the same in another order.
  perform pg_advisory_xact_lock(hashtextextended('balas:import', 0));
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from (select distinct x from jsonb_array_elements(batch) b
           cross join lateral jsonb_array_elements_text(b -> 'addresses') x order by x) o;
  for item in select b from jsonb_array_elements(batch) with ordinality e (b, n) order by e.n loop
    words := null;
    begin
      outcome := private.import_contact(item, overwrite);
    exception when raise_exception then
      get stacked diagnostics words = pg_exception_detail;
      outcome := 'refused';
    end;
    answers := answers || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
      'line', item -> 'line', 'outcome', outcome, 'words', words)));
  end loop;
  return answers;
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
  if exists (select from public.inboxes i where i.id = inbox and i.has_rules) then
    perform private.enqueue(
      'run_rules', jsonb_build_object('message_id', message), queue => 'rules');
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

CREATE FUNCTION private.is_blocked(contact uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (select from public.contacts p where p.id = contact and p.blocked)
$$;

CREATE FUNCTION private.is_open(hours jsonb, at timestamp with time zone DEFAULT clock_timestamp()) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select hours is null or exists (
    select from (select (is_open.at at time zone (hours ->> 'zone'))::date as today) t
     cross join lateral generate_series(-1, 0) d
     cross join lateral private.hours_on(hours, t.today + d) span
     where span @> is_open.at)
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

CREATE FUNCTION private.join_reads(thread uuid, joined uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  with marks as (
    select r.profile_id, max(r.read_at) as furthest,
           max(r.read_at) filter (where r.conversation_id = thread) as here,
           max(r.read_at) filter (where r.conversation_id = joined) as there
      from public.reads r where r.conversation_id in (thread, joined) group by r.profile_id),
  fresh as (
    select k.profile_id, k.furthest, (
        select min(m."timestamp") from public.messages m
         where m.direction = 'inbound'
           and (m.conversation_id = thread and m."timestamp" > coalesce(k.here, '-infinity')
                or m.conversation_id = joined
                   and m."timestamp" > coalesce(k.there, '-infinity'))) as unseen
      from marks k)
  insert into public.reads as r (conversation_id, profile_id, read_at)
  select thread, f.profile_id,
         coalesce(least(f.furthest, f.unseen - interval '1 microsecond'), f.furthest)
    from fresh f
  on conflict on constraint reads_pkey do update
    set read_at = excluded.read_at, message_id = null
    where r.read_at <> excluded.read_at
$$;

CREATE FUNCTION private.join_threads(merge uuid, joined public.conversations, thread public.conversations) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  ranks constant text[] := array['low', 'normal', 'high', 'urgent'];
  became public.conversations := thread;
  told uuid[];
  written uuid[];
  noted uuid[];
  marked uuid[];
begin
  perform private.join_reads(thread.id, joined.id);
  with m as (
    update public.messages m set conversation_id = thread.id
     where m.conversation_id = joined.id returning m.id)
  select array_agg(id) into written from m;
  -- A desktop that drops the joined thread drops what was tried for its messages, too.
  insert into private.changes (kind, id, inbox_id, conversation_id, urgent)
  select 'delivery_attempts', a.id::text, thread.inbox_id, thread.id, false
    from public.delivery_attempts a where a.message_id = any (written);
  with n as (
    update public.notes n set conversation_id = thread.id
     where n.conversation_id = joined.id returning n.id)
  select array_agg(id) into noted from n;
  with e as (
    update public.events e set conversation_id = thread.id
     where e.conversation_id = joined.id returning e.id)
  select array_agg(id) into told from e;
  with l as (
    insert into public.conversation_labels (conversation_id, label_id)
    select thread.id, x.label_id from public.conversation_labels x
     where x.conversation_id = joined.id
    on conflict on constraint conversation_labels_pkey do nothing
    returning label_id)
  select array_agg(label_id) into marked from l;
  -- The text alone: a message may only carry files of its own conversation (checked_files).
  insert into public.drafts as d (conversation_id, profile_id, body, note)
  select thread.id, x.profile_id, x.body, x.note from public.drafts x
   where x.conversation_id = joined.id and (x.body <> '' or x.note <> '')
  on conflict on constraint drafts_pkey do update
    set body = btrim(d.body || E'\n\n' || excluded.body, E'\n'),
        note = btrim(d.note || E'\n\n' || excluded.note, E'\n'), updated_at = now();

  became.status := case
    when 'open' in (thread.status, joined.status) then 'open'
    when 'snoozed' in (thread.status, joined.status) then 'snoozed' else 'resolved' end;
  became.snoozed_until := case became.status
    when 'snoozed' then least(thread.snoozed_until, joined.snoozed_until) end;
  became.assignee_id := coalesce(thread.assignee_id, joined.assignee_id);
  became.priority := ranks[greatest(
    array_position(ranks, thread.priority), array_position(ranks, joined.priority))];
  became.last_message_at := greatest(thread.last_message_at, joined.last_message_at);
  became.last_inbound_at := greatest(thread.last_inbound_at, joined.last_inbound_at);
  became.waiting_since := least(thread.waiting_since, joined.waiting_since);
  update public.conversations c
     set status = became.status, snoozed_until = became.snoozed_until,
         assignee_id = became.assignee_id, priority = became.priority,
         last_message_at = became.last_message_at, last_inbound_at = became.last_inbound_at,
         waiting_since = became.waiting_since
   where c.id = thread.id;
  -- `adopted`: several threads of one contact may lie there. Nobody resolves it by this, no report
  -- shall say so; but nothing waits there, and nothing wakes up.
  update public.conversations c
     set inbox_id = private.hidden_inbox(), joined_to = thread.id, adopted = true,
         status = case joined.status when 'snoozed' then 'open' else joined.status end,
         assignee_id = null, snoozed_until = null, waiting_since = null
   where c.id = joined.id;
  insert into private.joined_threads (merge_id, thread_id, joined_id, was_thread, was_joined,
    became, messages, notes, events, labels)
  values (merge, thread.id, joined.id, to_jsonb(thread), to_jsonb(joined), to_jsonb(became),
    coalesce(written, '{}'), coalesce(noted, '{}'), coalesce(told, '{}'), coalesce(marked, '{}'));
end $$;

CREATE TABLE public.contacts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text,
    phone text,
    locale text,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    notes text,
    blocked boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    merged_into uuid
);

COMMENT ON COLUMN public.contacts.phone IS 'E.164; null for people known by a user name only.';

CREATE FUNCTION private.joined_contact(stays public.contacts, other public.contacts) RETURNS public.contacts
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  became public.contacts := stays;
begin
  became.name := coalesce(nullif(stays.name, ''), other.name);
  became.phone := coalesce(stays.phone, other.phone);
  became.locale := coalesce(stays.locale, other.locale);
  became.notes := case
    when coalesce(other.notes, '') in ('', stays.notes) then stays.notes
    else concat_ws(E'\n\n', nullif(stays.notes, ''), other.notes) end;
  became.attributes := other.attributes || stays.attributes;
  became.blocked := stays.blocked or other.blocked;
  return became;
end $$;

CREATE FUNCTION private.keep_absence() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if new.available and new.active then
    new.absent_since := null;
  elsif old.available and old.active then
    new.absent_since := clock_timestamp();
  end if;
  return new;
end $$;

CREATE FUNCTION private.keep_blocked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if private.is_blocked(new.contact_id) then
    new.status := case when old.last_message_at is null then 'resolved' else old.status end;
    new.snoozed_until := old.snoozed_until;
    new.waiting_since := old.waiting_since;
  end if;
  return new;
end $$;

CREATE FUNCTION private.keep_due() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  inbox public.inboxes;
  answered boolean;
begin
  new.first_response_due_at := null;
  new.next_response_due_at := null;
  new.overdue_since := null;
  if new.waiting_since is null then
    return new;
  end if;
  select * into inbox from public.inboxes i where i.id = new.inbox_id;
  if coalesce(inbox.first_response_minutes, inbox.next_response_minutes) is null then
    return new;
  end if;
  -- Taken up again in this very change: whatever was said before was about something else.
  answered := tg_op = 'UPDATE' and old.status <> 'resolved' and private.was_answered(new);
  if answered then
    new.next_response_due_at := private.due_at(inbox, new.waiting_since, true);
  else
    new.first_response_due_at := private.due_at(inbox, new.waiting_since, false);
  end if;
  return new;
end $$;

CREATE FUNCTION private.keep_folder() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.erased_folders (name) values (new.name) on conflict do nothing;
  return null;
end $$;

CREATE FUNCTION private.keep_has_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  touched uuid;
begin
  for touched in
    select distinct i from unnest(array[
      case when tg_op <> 'INSERT' then old.inbox_id end,
      case when tg_op <> 'DELETE' then new.inbox_id end]) i where i is not null order by i
  loop
    perform from public.inboxes i where i.id = touched for no key update;
    update public.inboxes i set has_rules = r.wanted
      from (select b.routing or exists (
                     select from public.auto_replies a
                      where a.inbox_id = b.id and a.enabled) as wanted
              from public.inboxes b where b.id = touched) r
     where i.id = touched and i.has_rules <> r.wanted;
  end loop;
  return null;
end $$;

CREATE FUNCTION private.keep_inbox_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  new.has_rules := new.routing or exists (
    select from public.auto_replies a where a.inbox_id = new.id and a.enabled);
  if new.hours is not null and (tg_op = 'INSERT' or new.hours is distinct from old.hours) then
    perform private.check_hours(new.hours);
  end if;
  return new;
end $$;

CREATE FUNCTION private.keyword_length(keyword text, said text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select max(char_length(w))
    from regexp_split_to_table(keyword, ',') k
   cross join lateral (select private.plain_words(k) as w) t
   where btrim(w) <> '' and position(w in private.plain_words(said)) > 0
$$;

CREATE FUNCTION private.kick_erasures() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  waiting record;
  kicked integer := 0;
begin
  if to_regclass('jobs.procrastinate_jobs') is null then
    return 0;
  end if;
  for waiting in
    select e.id from public.erasures e where e.state in ('waiting', 'erasing')
     order by e.requested_at limit 100
  loop
    if not private.has_job(null, 'erase_contact', waiting.id) then
      perform private.enqueue_erasure(waiting.id);
      kicked := kicked + 1;
    end if;
  end loop;
  return kicked;
end $$;

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

CREATE FUNCTION private.known_words(inbox uuid, contact uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_object_agg(w.word, btrim(regexp_replace(w.value, '\s+', ' ', 'g')))
           filter (where btrim(w.value) <> ''), '{}')
    from (
      select 'contact.' || a.key as word, a.value
        from public.contacts p cross join lateral jsonb_each_text(p.attributes) a
       where p.id = contact and a.key not in ('name', 'first_name', 'phone')
      union all
      select v.word, v.value
        from (select 1) one
        left join public.contacts p on p.id = contact
        left join public.inboxes i on i.id = inbox
       cross join lateral (values
         ('contact.name', p.name), ('contact_name', p.name), ('name', p.name),
         ('contact.first_name', split_part(btrim(p.name), ' ', 1)),
         ('first_name', split_part(btrim(p.name), ' ', 1)),
         ('contact.phone', p.phone), ('phone', p.phone),
         ('inbox.name', i.name), ('inbox_name', i.name),
         ('agent.name', private.name_of(auth.uid())),
         ('agent_name', private.name_of(auth.uid()))) v (word, value)) w
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

CREATE FUNCTION private.lock_contact(contact uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  here uuid := contact;
  further uuid;
begin
  loop
    select p.merged_into into further from public.contacts p where p.id = here
       for no key update;
    if not found then
      return null;
    end if;
    exit when further is null;
    here := further;
  end loop;
  return here;
end $$;

CREATE FUNCTION private.lock_my_contact(contact uuid) RETURNS public.contacts
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  here constant uuid := private.lock_contact(contact);
  person public.contacts;
begin
  -- a statement of its own, so that it sees what those did for whom we waited
  select * into person from public.contacts p where p.id = here;
  if person.id is null or not private.may_see_contact(person.id) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  return person;
end $$;

CREATE FUNCTION private.lock_my_conversation(conversation uuid) RETURNS public.conversations
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread public.conversations;
  further uuid;
begin
  select * into thread from public.conversations c
   where c.id = conversation and c.inbox_id in (select private.my_inboxes())
     for update;
  if thread.id is null then
    select c.joined_to into further from public.conversations c where c.id = conversation;
    if further is not null then
      return private.lock_my_conversation(further);
    end if;
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  return thread;
end $$;

CREATE FUNCTION private.lock_people(people uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  known text[];
begin
  select array_agg(a.address order by a.address) into known
    from public.contact_addresses a where a.contact_id = any (people);
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from unnest(known) with ordinality k (x, n);
  perform from public.contacts p where p.id = any (people) order by p.id for no key update;
  if exists (select from public.contact_addresses a
              where a.contact_id = any (people) and a.address <> all (coalesce(known, '{}'))) then
    perform private.refuse('busy', 'Somebody else is changing this contact.', 'Try again.');
  end if;
  perform from public.labels l
    where l.id in (select m.label_id from public.conversation_labels m
                     join public.conversations c on c.id = m.conversation_id
                    where c.contact_id = any (people))
    order by l.id for key share;
  perform from public.conversations c where c.contact_id = any (people) order by c.id for update;
  if exists (select from public.conversations c
               left join public.conversations t on t.id = c.joined_to
              where c.contact_id = any (people)
                and coalesce(t.inbox_id, c.inbox_id) not in (select private.my_inboxes())) then
    perform private.refuse('not_allowed',
      'This contact also has conversations in inboxes that you do not see.', 'Ask a supervisor.');
  end if;
end $$;

CREATE FUNCTION private.lock_scheduled(message uuid, canceled boolean, OUT thread public.conversations, OUT ids uuid[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.may_see_contact(contact uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
      select from public.conversations c
       where c.contact_id = contact and c.inbox_id in (select private.my_inboxes()))
    or (private.is_supervisor() and exists (
      select from public.contacts p where p.id = contact and p.merged_into is null))
$$;

CREATE FUNCTION private.may_see_files(folder text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  thread public.conversations;
  next_id uuid;
begin
  if folder !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    return false;
  end if;
  next_id := folder;
  loop
    select * into thread from public.conversations c where c.id = next_id;
    exit when thread.joined_to is null;
    next_id := thread.joined_to;
  end loop;
  return coalesce(thread.inbox_id in (select private.my_inboxes()), false);
end $_$;

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

CREATE FUNCTION private.merged_people(people uuid[], told uuid[]) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select private.changed_contacts(array(
      select p.id from public.contacts p where p.id = any (people) and p.merged_into is null), told)
    || jsonb_build_object(
      'conversations', (
        select coalesce(jsonb_agg(to_jsonb(c) order by c.id), '[]') from public.conversations c
         where c.contact_id = any (people) and c.inbox_id in (select private.my_inboxes())),
      'deleted', jsonb_strip_nulls(jsonb_build_object(
        'contacts', (select jsonb_agg(p.id) from public.contacts p
                      where p.id = any (people) and p.merged_into is not null),
        'conversations', (select jsonb_agg(c.id) from public.conversations c
                           where c.contact_id = any (people) and c.joined_to is not null))))
$$;

CREATE FUNCTION private.move_searchable() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
   where p.id = (select auth.uid()) and p.active and not i.hidden
$$;

CREATE FUNCTION private.name_of(person uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select p.display_name from public.profiles p where p.id = person
$$;

CREATE FUNCTION private.needle(address text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select regexp_replace(address, '^([a-z]+:)?\+?', '')
$$;

CREATE FUNCTION private.next_member(thread public.conversations) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  lately public.events;
  gave_up uuid;
  had uuid;
  found_member uuid;
begin
  select e.* into lately from public.events e
   where e.conversation_id = thread.id and e.kind in ('assigned', 'unassigned')
   order by e.created_at desc limit 1;
  -- Who puts a customer back into the queue does not get them again at once.
  if lately.kind = 'unassigned' and lately.actor_id is not null
     and lately.created_at >= thread.waiting_since then
    gave_up := (lately.data ->> 'from_id')::uuid;
  end if;
  select m.sent_by into had from public.messages m
   where m.conversation_id = thread.id and m.direction = 'outbound' and m.sent_by is not null
   order by m."timestamp" desc limit 1;
  had := coalesce(had, (lately.data ->> 'assignee_id')::uuid, (lately.data ->> 'from_id')::uuid);
  select f.id into found_member
    from private.free_members(thread.inbox_id) f (id)
    left join private.routing_turns t on t.inbox_id = thread.inbox_id and t.profile_id = f.id
   where f.id is distinct from gave_up
   order by f.id is not distinct from had desc, t.last_at nulls first, f.id limit 1;
  return found_member;
end $$;

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

CREATE FUNCTION private.note_contact_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform private.renew_contact_search(array_remove(array[
    (to_jsonb(old) ->> tg_argv[0])::uuid, (to_jsonb(new) ->> tg_argv[0])::uuid], null));
  return null;
end $$;

CREATE FUNCTION private.note_contact_search() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct (to_jsonb(n) ->> tg_argv[0])::uuid) into touched from new_rows n;
  else
    select array_agg(distinct (to_jsonb(o) ->> tg_argv[0])::uuid) into touched from old_rows o;
  end if;
  if touched is not null then
    perform private.renew_contact_search(array_remove(touched, null));
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

CREATE FUNCTION private.note_delivery() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.delivery_events (message_id, status, error_code)
  values (new.id, new.status, new.error_code)
  on conflict (message_id, status) do nothing;
  return null;
end $$;

CREATE FUNCTION private.note_due_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.due_renewals (inbox_id) values (new.id)
  on conflict on constraint due_renewals_pkey do update
    set rounds = default, not_before = default, skipped = default,
        after_at = default, after_id = default;
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

CREATE FUNCTION private.note_of_inbox() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  touched uuid[] := '{}';
begin
  if tg_op <> 'INSERT' then
    touched := touched || array(select o.inbox_id from old_rows o);
  end if;
  if tg_op <> 'DELETE' then
    touched := touched || array(select n.inbox_id from new_rows n);
  end if;
  insert into private.changes (kind, id, inbox_id, urgent)
  select 'inboxes', i.id::text, i.id, false from public.inboxes i where i.id = any (touched);
  return null;
end $$;

CREATE FUNCTION private.note_opt_out() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.contact_addresses a set opted_out_at = clock_timestamp()
   where a.address = new.to_number and a.opted_out_at is null
     and not exists (
       select from public.messages m
        where m.from_number = new.to_number and m.direction = 'inbound'
          and m."timestamp" > new."timestamp"
          and (m.metadata #>> '{raw,OptOutType}' = 'START'
               or upper(btrim(m.content)) in ('START', 'UNSTOP')));
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

CREATE FUNCTION private.note_retention(counts jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into public.audit_log (action, data) values ('retention_applied', counts)
$$;

CREATE FUNCTION private.note_searchable() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.number_ends(address text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select substr(d.digits, n)
    from (select left(regexp_replace(address, '\D', '', 'g'), 40) as digits) d
   cross join lateral generate_series(1, greatest(char_length(d.digits) - 2, 0)) n
$$;

CREATE FUNCTION private.number_of(contact uuid, channel text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select private.address_of(n.number, number_of.channel)
    from (select p.phone as number, 0 as place from public.contacts p where p.id = contact
          union all
          select a.address, 1 from public.contact_addresses a where a.contact_id = contact) n
   where private.address_of(n.number, number_of.channel) is not null
   order by n.place, n.number limit 1
$$;

CREATE FUNCTION private.open_audit() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select set_config('balas.audit_open', pg_current_xact_id()::text, true)
$$;

CREATE FUNCTION private.open_minutes_after(hours jsonb, at timestamp with time zone, minutes integer) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  remaining interval := make_interval(mins => minutes);
  reached timestamptz := at;
  span tstzrange;
begin
  if hours is null then
    return at + remaining;
  end if;
  for span in
    select s from (select (open_minutes_after.at at time zone (hours ->> 'zone'))::date as today) t
     cross join lateral generate_series(-1, 92) d
     cross join lateral private.hours_on(hours, t.today + d) s
     where upper(s) > open_minutes_after.at
     order by lower(s), upper(s)
  loop
    reached := greatest(reached, lower(span));  -- spans may overlap
    continue when reached >= upper(span);
    if reached + remaining <= upper(span) then
      return reached + remaining;
    end if;
    remaining := remaining - (upper(span) - reached);
    reached := upper(span);
  end loop;
  return at + make_interval(mins => minutes);
end $$;

CREATE FUNCTION private.opens_at(hours jsonb, at timestamp with time zone DEFAULT clock_timestamp()) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select lower(span)
    from (select (opens_at.at at time zone (hours ->> 'zone'))::date as today) t
   cross join lateral generate_series(0, 31) d
   cross join lateral private.hours_on(hours, t.today + d) span
   where lower(span) > opens_at.at
   order by d, 1 limit 1
$$;

CREATE FUNCTION private.otherwise_now(stands jsonb, seen jsonb, wanted jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select coalesce(array_agg(s.key order by s.key), '{}')
    from jsonb_each_text(seen) s
   where nullif(stands ->> s.key, '') is distinct from nullif(s.value, '')
     and nullif(stands ->> s.key, '') is distinct from nullif(wanted ->> s.key, '')
$$;

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

CREATE TABLE private.contact_merges (
    id uuid NOT NULL,
    into_id uuid NOT NULL,
    from_id uuid NOT NULL,
    merged_by uuid,
    merged_at timestamp with time zone NOT NULL,
    undone_by uuid,
    undone_at timestamp with time zone,
    addresses uuid[] NOT NULL,
    moved uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL
);

CREATE FUNCTION private.part_contact(stays public.contacts, merge private.contact_merges) RETURNS public.contacts
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  now_is constant jsonb := to_jsonb(stays);
  back jsonb;
begin
  select coalesce(jsonb_object_agg(f.key, merge.before -> f.key), '{}') into back
    from jsonb_each(merge.after) f
   where f.key <> 'attributes' and now_is -> f.key = f.value;
  if merge.after ? 'attributes' then
    back := back || jsonb_build_object('attributes', (
      select coalesce(jsonb_object_agg(a.key, a.value), '{}')
        from jsonb_each(stays.attributes) a
       where merge.before -> 'attributes' ? a.key
          or a.value is distinct from merge.after -> 'attributes' -> a.key));
  end if;
  return jsonb_populate_record(stays, back);
end $$;

CREATE FUNCTION private.part_numbers(owner uuid, other uuid, since timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  numbers constant text[] := array(
    select a.address from public.contact_addresses a where a.contact_id = other);
  one record;
  target uuid;
begin
  for one in
    select c.id, c.inbox_id, array_agg(m.id) as messages
      from public.conversations c
      join public.messages m on m.conversation_id = c.id
     where c.contact_id = owner and c.joined_to is null and not c.adopted
       and greatest(m.created_at, m."timestamp") > since
       and case m.direction when 'inbound' then m.from_number else m.to_number end = any (numbers)
     group by c.id order by c.id
  loop
    target := private.conversation_for(one.inbox_id, other);
    update public.messages m set conversation_id = target where m.id = any (one.messages);
    -- from the messages alone: the times of the thread are those of both
    update public.conversations c
       set last_message_at = s.latest, last_inbound_at = s.heard,
           waiting_since = case when c.status <> 'resolved' then s.waits end
      from unnest(array[one.id, target]) t (id)
     cross join lateral (
       select max(m."timestamp") filter (where m.status is distinct from 'scheduled') as latest,
              max(m."timestamp") filter (where m.direction = 'inbound') as heard,
              min(m."timestamp") filter (where m.direction = 'inbound' and m."timestamp" > coalesce((
                select max(r."timestamp") from public.messages r
                 where r.conversation_id = t.id and r.direction = 'outbound' and not r.automatic
                   and r.status is distinct from 'scheduled'), '-infinity')) as waits
         from public.messages m where m.conversation_id = t.id) s
     where c.id = t.id;
  end loop;
end $$;

CREATE FUNCTION private.part_thread(thread uuid, was jsonb, since timestamp with time zone, resolved boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  answered timestamptz;
  heard timestamptz;
  waits timestamptz;
begin
  select max(m."timestamp") filter (where m.direction = 'outbound' and not m.automatic
                                      and m.status is distinct from 'scheduled'),
         max(m."timestamp") filter (where m.direction = 'inbound')
    into answered, heard
    from public.messages m
   where m.conversation_id = thread and greatest(m.created_at, m."timestamp") > since;
  if answered is null then
    waits := was ->> 'waiting_since';
  end if;
  if waits is null then
    select min(m."timestamp") into waits from public.messages m
     where m.conversation_id = thread and m.direction = 'inbound'
       and greatest(m.created_at, m."timestamp") > since
       and m."timestamp" > coalesce(answered, '-infinity');
  end if;
  update public.conversations c
     set last_message_at = coalesce(
           (select max(m."timestamp") from public.messages m
             where m.conversation_id = thread and m.status is distinct from 'scheduled'),
           (was ->> 'last_message_at')::timestamptz),
         last_inbound_at = greatest((was ->> 'last_inbound_at')::timestamptz, heard),
         waiting_since = case when not resolved then waits end
   where c.id = thread;
end $$;

CREATE TABLE private.joined_threads (
    merge_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    joined_id uuid NOT NULL,
    was_thread jsonb NOT NULL,
    was_joined jsonb NOT NULL,
    became jsonb NOT NULL,
    messages uuid[] NOT NULL,
    notes uuid[] NOT NULL,
    events uuid[] NOT NULL,
    labels uuid[] NOT NULL
);

CREATE FUNCTION private.part_threads(joined private.joined_threads, merge private.contact_merges, numbers text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread public.conversations;
  was constant jsonb := joined.was_joined;
  home constant uuid := joined.was_joined ->> 'inbox_id';
  resolved boolean;
begin
  select * into thread from public.conversations c where c.id = joined.thread_id;
  resolved := thread.status = 'resolved';
  -- First home, so that whatever moves into it is seen there.
  update public.conversations c
     set inbox_id = home, joined_to = null,
         adopted = (was ->> 'adopted')::boolean,
         status = case when resolved then 'resolved' else was ->> 'status' end,
         snoozed_until = case when not resolved then (was ->> 'snoozed_until')::timestamptz end,
         priority = was ->> 'priority',
         assignee_id = case when private.may_see((was ->> 'assignee_id')::uuid, home)
                            then (was ->> 'assignee_id')::uuid end
   where c.id = joined.joined_id;
  update public.messages m set conversation_id = joined.joined_id
   where m.conversation_id = joined.thread_id
     and (m.id = any (joined.messages)
          or greatest(m.created_at, m."timestamp") > merge.merged_at
             and (m.direction = 'inbound' and m.from_number = any (numbers)
                  or m.direction = 'outbound' and m.to_number = any (numbers)));
  update public.notes n set conversation_id = joined.joined_id
   where n.conversation_id = joined.thread_id and n.id = any (joined.notes);
  update public.events e set conversation_id = joined.joined_id
   where e.conversation_id = joined.thread_id and e.id = any (joined.events);
  delete from public.conversation_labels l
   where l.conversation_id = joined.thread_id and l.label_id = any (joined.labels);
  -- A draft that is still as it was copied goes; one that was changed stays with whoever wrote it.
  delete from public.drafts d using public.drafts x
   where d.conversation_id = joined.thread_id and x.conversation_id = joined.joined_id
     and d.profile_id = x.profile_id and d.body = x.body and d.note = x.note
     and d.attachments = '[]';
  -- Whoever has read on since has read both.
  update public.reads r set read_at = x.read_at, message_id = null
    from public.reads x
   where r.conversation_id = joined.joined_id and x.conversation_id = joined.thread_id
     and x.profile_id = r.profile_id and x.read_at > r.read_at;
  perform private.part_thread(joined.joined_id, was, merge.merged_at, resolved);
  perform private.part_thread(joined.thread_id, joined.was_thread, merge.merged_at, resolved);
  -- What the merge gave the other one, if nobody has changed it since.
  update public.conversations c
     set assignee_id = case
           when c.assignee_id = (joined.became ->> 'assignee_id')::uuid
             then (joined.was_thread ->> 'assignee_id')::uuid else c.assignee_id end,
         priority = case
           when c.priority = joined.became ->> 'priority'
             then joined.was_thread ->> 'priority' else c.priority end,
         status = case
           when c.status = joined.became ->> 'status' then joined.was_thread ->> 'status'
           else c.status end,
         snoozed_until = case
           when c.status = joined.became ->> 'status'
             then (joined.was_thread ->> 'snoozed_until')::timestamptz
           else c.snoozed_until end
   where c.id = joined.thread_id
     -- somebody waits in it by now: then it is open
     and not (c.waiting_since is not null and joined.was_thread ->> 'status' <> 'open'
              and joined.was_thread ->> 'waiting_since' is null);
end $$;

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

CREATE FUNCTION private.people_query(query text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
  select case when left(query, 200) ~ '^[\s\d+().\-/–]*\d[\s\d+().\-/–]*$'
    then (select ('''' || d.digits || ''':*')::tsquery
            from (select left(regexp_replace(
                    regexp_replace(query, '\D', '', 'g'), '^0+(?=\d)', ''), 40) as digits) d)
    else private.search_query(regexp_replace(left(query, 200), '(^|\s)0+(?=\d{3})', '\1', 'g')) end
$_$;

CREATE FUNCTION private.plain_words(said text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select ' ' || btrim(regexp_replace(lower(said), '[[:space:][:punct:]]+', ' ', 'g')) || ' '
$$;

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

CREATE FUNCTION private.receipt(erasure uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object('erasures', coalesce(jsonb_agg(to_jsonb(e)), '[]'))
    from public.erasures e where e.id = erasure
$$;

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

CREATE FUNCTION private.recount_report_days(zone text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:fold_reports', 0));
  update private.report_zone z set zone = coalesce(recount_report_days.zone, z.zone);
  delete from private.report_days;
  insert into private.report_days (day, inbox_id, agent_id, what, n)
  select (v.slot at time zone z.zone)::date, v.inbox_id, v.agent_id, v.what, sum(v.n)
    from private.report_volume v cross join private.report_zone z
   where v.folded group by 1, 2, 3, 4;
end $$;

CREATE FUNCTION private.recount_reports() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  lock table public.messages in share mode;
  delete from private.report_volume where what in ('inbound', 'outbound', 'automatic');
  insert into private.report_volume (slot, inbox_id, agent_id, what, n, folded)
  select private.slot_of(m."timestamp"), c.inbox_id,
         case when m.direction = 'outbound' and not m.automatic then m.sent_by end,
         case when m.direction = 'inbound' then 'inbound'
              when m.automatic then 'automatic' else 'outbound' end, count(*), true
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.direction is not null and c.inbox_id is not null
     and m.status is distinct from 'scheduled' and not m.metadata ? 'retry_of'
   group by 1, 2, 3, 4;
  perform private.recount_report_days();
end $$;

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

CREATE FUNCTION private.refill_contact_search() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  added bigint;
begin
  insert into private.searchable_contacts
  select w.* from private.contact_words(array(select p.id from public.contacts p)) w
  on conflict (contact_id) do nothing;
  get diagnostics added = row_count;
  return added;
end $$;

CREATE FUNCTION private.refill_search(conversation uuid DEFAULT NULL::uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
  if tg_table_name = 'audit_log' and tg_op <> 'TRUNCATE'
     and current_setting('balas.audit_open', true) = pg_current_xact_id()::text then
    return null;
  end if;
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

CREATE FUNCTION private.release_scheduled() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.remind_windows() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  told integer;
begin
  -- One at a time: what another one told is seen by the statement below.
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:remind', 0)) then
    return 0;
  end if;
  insert into public.events (conversation_id, kind, data, created_at)
  select c.id, 'window_closing', jsonb_strip_nulls(jsonb_build_object(
           'closes_at', c.last_inbound_at + interval '24 hours', 'assignee_id', c.assignee_id)),
         clock_timestamp()
    from public.inboxes i
    join public.conversations c on c.inbox_id = i.id
   where i.channel = 'whatsapp' and i.reminder_minutes is not null
     and c.waiting_since is not null and c.status <> 'resolved'
     and c.last_inbound_at > clock_timestamp() - interval '24 hours'
     and c.last_inbound_at <= clock_timestamp() - interval '24 hours'
                              + make_interval(mins => i.reminder_minutes)
     and not exists (
       select from public.events e
        where e.conversation_id = c.id and e.kind = 'window_closing'
          and e.created_at > c.last_inbound_at)
   limit 500;
  get diagnostics told = row_count;
  return told;
end $$;

CREATE FUNCTION private.renew_contact_search(contacts uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- One at a time for each contact, so that the later one sees what the earlier one wrote.
  perform from public.contacts p where p.id = any (contacts) order by p.id for no key update;
  delete from private.searchable_contacts s
   where s.contact_id = any (contacts)
     and not exists (select from public.contacts p
                      where p.id = s.contact_id and p.merged_into is null);
  insert into private.searchable_contacts as s
  select * from private.contact_words(contacts)
  on conflict (contact_id) do update set name_key = excluded.name_key, words = excluded.words
    where (s.name_key, s.words) is distinct from (excluded.name_key, excluded.words);
end $$;

CREATE FUNCTION private.renew_due() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  todo private.due_renewals;
  inbox public.inboxes;
  thread public.conversations;
  ids uuid[];
  last_at timestamptz;
  looked integer := 0;
  answered boolean;
  due timestamptz;
begin
  select * into todo from private.due_renewals r
   where r.not_before <= clock_timestamp() order by r.not_before, r.inbox_id limit 1
     for update skip locked;
  if todo.inbox_id is null then
    return 0;
  end if;
  select * into inbox from public.inboxes i where i.id = todo.inbox_id;
  select array_agg(w.id order by w.waiting_since, w.id), max(w.waiting_since) into ids, last_at
    from (select c.id, c.waiting_since from public.conversations c
           where c.inbox_id = inbox.id and c.waiting_since is not null
             and c.waiting_since >= todo.after_at
             and (c.waiting_since, c.id) > (todo.after_at, todo.after_id)
           order by c.waiting_since, c.id limit 200) w;
  if ids is null then
    update private.due_renewals r
       set rounds = r.rounds - (not todo.skipped)::integer, skipped = default,
           after_at = default, after_id = default,
           not_before = clock_timestamp() + interval '30 seconds'
     where r.inbox_id = inbox.id;
    delete from private.due_renewals r where r.inbox_id = inbox.id and r.rounds <= 0;
    return 0;
  end if;
  for thread in
    -- Skip locked: nobody waits for anybody; they are looked at the next time through.
    select c.* from public.conversations c where c.id = any (ids) for no key update skip locked
  loop
    looked := looked + 1;
    continue when thread.waiting_since is null;
    answered := thread.next_response_due_at is not null
      or (thread.first_response_due_at is null and private.was_answered(thread));
    due := private.due_at(inbox, thread.waiting_since, answered);
    update public.conversations c
       set first_response_due_at = case when not answered then due end,
           next_response_due_at = case when answered then due end,
           overdue_since = case when due <= clock_timestamp() then c.overdue_since end
     where c.id = thread.id
       and (c.first_response_due_at, c.next_response_due_at) is distinct from
           (case when not answered then due end, case when answered then due end);
  end loop;
  update private.due_renewals r
     set skipped = r.skipped or looked < cardinality(ids),
         after_at = last_at, after_id = ids[cardinality(ids)]
   where r.inbox_id = inbox.id;
  return cardinality(ids);
end $$;

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

CREATE FUNCTION private.renew_searchable() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.repeat_round(name text, pause interval) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update private.rounds r set due_at = least(r.due_at, now() + pause)
   where r.name = repeat_round.name
$$;

CREATE FUNCTION private.replay_erasures(receipts jsonb, sids text[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  asked public.erasures;
  begun integer := 0;
begin
  insert into private.erased_sids (sid) select unnest(sids) on conflict do nothing;
  for asked in
    select * from jsonb_populate_recordset(null::public.erasures, receipts) r
     order by r.requested_at, r.id
  loop
    insert into public.erasures (id, contact_id, requested_by, requested_at)
    values (asked.id, asked.contact_id, asked.requested_by, asked.requested_at)
    on conflict do nothing;
    continue when not found;
    update public.contacts c set blocked = true where c.id = asked.contact_id and not c.blocked;
    update public.messages m set status = 'canceled'
      from public.conversations c
     where c.contact_id = asked.contact_id and m.conversation_id = c.id
       and m.direction = 'outbound' and m.status in ('queued', 'scheduled');
    insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
    values (asked.requested_by, 'contact_erasure_replayed', 'contacts', asked.contact_id::text,
            jsonb_build_object('erasure_id', asked.id));
    perform private.enqueue_erasure(asked.id);
    begun := begun + 1;
  end loop;
  return begun;
end $$;

CREATE FUNCTION private.report_conversation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  moment constant timestamptz := clock_timestamp();
  opens boolean;
  state private.report_threads;
  reply public.messages;
  who uuid;
begin
  if new.inbox_id is null then
    return null;
  end if;
  opens := tg_op = 'INSERT' or (old.status = 'resolved' and new.status <> 'resolved');
  if opens then
    insert into private.report_threads as t (conversation_id, opened_at) values (new.id, moment)
    on conflict (conversation_id) do update set opened_at = excluded.opened_at, answered = false;
    insert into private.report_volume (slot, inbox_id, what, n)
    values (private.slot_of(moment), new.inbox_id, 'opened', 1);
    perform private.fold_reports_when_due(1);
    return null;
  end if;

  select * into state from private.report_threads t where t.conversation_id = new.id;
  if state.conversation_id is null then  -- it was open before there were reports
    insert into private.report_threads (conversation_id, opened_at, answered)
    values (new.id, new.created_at, exists (
      select from public.messages m
       where m.conversation_id = new.id and m.direction = 'outbound' and not m.automatic
         and m."timestamp" < coalesce(old.waiting_since, moment)))
    returning * into state;
  end if;

  if old.waiting_since is not null and new.waiting_since is null then
    select * into reply from public.messages m
     where m.conversation_id = new.id and m."timestamp" >= old.waiting_since
       and m.direction = 'outbound' and not m.automatic and m.status is distinct from 'scheduled'
     order by m."timestamp" desc limit 1;
    if reply.id is not null then
      insert into private.report_times (at, inbox_id, agent_id, what, seconds)
      select reply."timestamp", new.inbox_id, reply.sent_by, w.what,
             extract(epoch from reply."timestamp" - old.waiting_since)
        from (values ('response'), ('first_response')) w (what)
       where w.what = 'response' or not state.answered;
      update private.report_threads t set answered = true
       where t.conversation_id = new.id and not t.answered;
    end if;
  end if;
  if old.status <> 'resolved' and new.status = 'resolved' then
    who := coalesce(auth.uid(), new.assignee_id);
    insert into private.report_times (at, inbox_id, agent_id, what, seconds)
    values (moment, new.inbox_id, who, 'resolution',
            greatest(extract(epoch from moment - state.opened_at), 0));
    insert into private.report_volume (slot, inbox_id, agent_id, what, n)
    values (private.slot_of(moment), new.inbox_id, who, 'resolved', 1);
    perform private.fold_reports_when_due(1);
  end if;
  return null;
end $$;

CREATE FUNCTION private.report_due_message() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into private.report_volume (slot, inbox_id, agent_id, what, n)
  select private.slot_of(now()), c.inbox_id, case when not new.automatic then new.sent_by end,
         case when new.automatic then 'automatic' else 'outbound' end, 1
    from public.conversations c where c.id = new.conversation_id and c.inbox_id is not null;
  return null;
end $$;

CREATE FUNCTION private.report_entry(counts boolean, wanted text[], volume jsonb, spans jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when counts then coalesce(volume,
           '{"inbound": 0, "outbound": 0, "automatic": 0, "opened": 0, "resolved": 0}')
         else '{}' end
      || coalesce((
           select jsonb_object_agg(w, coalesce(spans -> w,
                    '{"n": 0, "average": null, "median": null, "p90": null}'))
             from unnest(wanted) w), '{}')
$$;

CREATE FUNCTION private.report_messages() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  lines integer;
begin
  insert into private.report_volume (slot, inbox_id, agent_id, what, n)
  select private.slot_of(n."timestamp"), c.inbox_id,
         case when n.direction = 'outbound' and not n.automatic then n.sent_by end,
         case when n.direction = 'inbound' then 'inbound'
              when n.automatic then 'automatic' else 'outbound' end, count(*)
    from new_rows n join public.conversations c on c.id = n.conversation_id
   where n.direction is not null and c.inbox_id is not null
     and n.status is distinct from 'scheduled' and not n.metadata ? 'retry_of'
   group by 1, 2, 3, 4;
  get diagnostics lines = row_count;
  perform private.fold_reports_when_due(lines);
  return null;
end $$;

CREATE FUNCTION private.report_spans(grouping_by text, wanted text[], starts timestamp with time zone, ends timestamp with time zone, inboxes uuid[], who uuid, zone text) RETURNS TABLE(key text, is_total boolean, what text, n bigint, average double precision, at_most double precision[])
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $_$
declare
  -- written into each statement, so that each is planned for the index that it is meant for
  numbers constant text := 'count(*) as n, avg(t.seconds) as average,'
    ' percentile_cont(array[0.5, 0.9]) within group (order by t.seconds) as at_most'
    ' from private.report_times t where t.inbox_id = any ($4)'
    || case when who is null then '' else ' and t.agent_id = $5' end;
begin
  if grouping_by = 'inboxes' then
    return query execute
      'select s.inbox_id::text, s.is_total, w, s.n, s.average, s.at_most'
      '  from unnest($1) w cross join lateral ('
      '  select t.inbox_id, grouping(t.inbox_id) = 1 as is_total, ' || numbers
      || ' and t.what = w and t.at >= $2 and t.at < $3'
      '   group by grouping sets ((t.inbox_id), ())) s where s.n > 0'
      using wanted, starts, ends, inboxes, who;
    return;
  end if;
  return query execute
    'select null::text, true, w, s.n, s.average, s.at_most from unnest($1) w cross join lateral ('
    '  select ' || numbers || ' and t.what = w and t.at >= $2 and t.at < $3) s where s.n > 0'
    using wanted, starts, ends, inboxes, who;
  if grouping_by = 'days' then
    return query execute
      'select d.day::text, false, w, s.n, s.average, s.at_most'
      '  from (select g::date as day, greatest($2, private.day_begins(g::date, $6)) as since,'
      '               least($3, private.day_begins(g::date + 1, $6)) as until'
      '          from generate_series(($2 at time zone $6)::date::timestamp,'
      '            (($3 - interval ''1 microsecond'') at time zone $6)::date, ''1 day'') g'
      '        offset 0) d cross join unnest($1) w cross join lateral ('
      '  select ' || numbers || ' and t.what = w and t.at >= d.since and t.at < d.until) s'
      ' where s.n > 0'
      using wanted, starts, ends, inboxes, who, zone;
  elsif grouping_by = 'agents' then
    return query execute
      'with recursive agents (id) as ('
      '  (select a.agent_id from private.report_times a where a.agent_id is not null'
      '    order by a.agent_id limit 1)'
      '  union all'
      '  select (select a.agent_id from private.report_times a where a.agent_id > g.id'
      '           order by a.agent_id limit 1) from agents g where g.id is not null)'
      ' select g.id::text, false, w, s.n, s.average, s.at_most'
      '  from agents g cross join unnest($1) w cross join lateral ('
      '  select ' || numbers || ' and t.agent_id = g.id and t.what = w'
      '     and t.at >= $2 and t.at < $3) s where s.n > 0'
      using wanted, starts, ends, inboxes, who;
  end if;
end $_$;

CREATE FUNCTION private.require_admin(what text) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may change ' || what || '.',
      'Ask an administrator.');
  end if;
end $$;

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

CREATE FUNCTION private.retain(kind text, most integer DEFAULT 500, at timestamp with time zone DEFAULT now()) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  edge constant timestamptz := private.retention_edge(kind, at);
  gone uuid[];
  n integer := 0;
  more integer;
begin
  if edge is null then
    return 0;
  end if;
  case kind
  when 'messages' then
    -- What is still on its way has its own end. Each direction for itself: the index is by it.
    gone := array(
      select m.id from (
        (select id, status from public.messages
          where direction = 'inbound' and "timestamp" < edge order by "timestamp" limit most)
        union all
        (select id, status from public.messages
          where direction = 'outbound' and "timestamp" < edge
            and status is distinct from 'queued' and status is distinct from 'sending'
            and status is distinct from 'uncertain' and status is distinct from 'scheduled'
          order by "timestamp" limit most)
        union all
        (select id, status from public.messages
          where direction is null and "timestamp" < edge order by "timestamp" limit most)) m
       limit most);
    perform private.give_up_files(gone);
    delete from public.messages m where m.id = any (gone);
    n := cardinality(gone);
    delete from public.notes where id in (
      select o.id from public.notes o where o.created_at < edge limit most);
    get diagnostics more = row_count;
    n := n + more;
    delete from public.events where id in (
      select o.id from public.events o where o.created_at < edge limit most);
    get diagnostics more = row_count;
    n := n + more;
  when 'media' then
    gone := array(
      select m.id from public.messages m
       where m.media @> '[{"state": "stored"}]' and m."timestamp" < edge
         and m.status is distinct from 'queued' and m.status is distinct from 'sending'
         and m.status is distinct from 'uncertain' and m.status is distinct from 'scheduled'
       order by m."timestamp" limit most);
    perform private.give_up_files(gone);
    update public.messages m
       set media = (
         select jsonb_agg(case f ->> 'state'
                  when 'stored' then f || '{"state": "failed", "error": "expired", "path": null,
                                            "url": null}'
                  else f end order by i)
           from jsonb_array_elements(m.media) with ordinality e (f, i))
     where m.id = any (gone);
    n := cardinality(gone);
  when 'requests' then
    delete from private.webhook_requests where id in (
      select r.id from private.webhook_requests r where r.received_at < edge
       order by r.received_at limit most);
    get diagnostics n = row_count;
  when 'audit' then
    perform private.open_audit();
    delete from public.audit_log where id in (
      select a.id from public.audit_log a where a.at < edge order by a.at limit most);
    get diagnostics n = row_count;
  end case;
  return n;
end $$;

CREATE FUNCTION private.retention() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select jsonb_build_object('messages', null, 'media', null, 'requests', 90, 'audit', null)
    || coalesce((select s.value from public.settings s where s.key = 'retention'), '{}')
$$;

CREATE FUNCTION private.retention_edge(kind text, at timestamp with time zone DEFAULT now()) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select at - (private.retention() ->> kind)::integer * interval '1 day'
$$;

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

CREATE FUNCTION private.route_conversation(thread public.conversations) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  who uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:routing', 0));
  who := private.next_member(thread);
  if who is null then
    return null;
  end if;
  update public.conversations c set assignee_id = who where c.id = thread.id;
  insert into private.routing_turns as t (inbox_id, profile_id, last_at)
  values (thread.inbox_id, who, clock_timestamp())
  on conflict on constraint routing_turns_pkey do update set last_at = excluded.last_at;
  perform private.tell(thread, 'assigned', jsonb_build_object(
    'assignee_id', who, 'assignee_name', private.name_of(who), 'by', 'routing'));
  return who;
end $$;

CREATE FUNCTION private.route_waiting() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  longest constant timestamptz := clock_timestamp() + interval '100 ms';
  place uuid;
  thread public.conversations;
  routed integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:route', 0)) then
    return 0;
  end if;
  for place in
    select i.id from public.inboxes i
     where i.routing and exists (
       select from public.conversations c
        where c.inbox_id = i.id and c.status = 'open' and c.assignee_id is null
          and c.waiting_since is not null)
     order by random()  -- in turns, where there is not time for all
  loop
    exit when clock_timestamp() > longest;
    -- Asked before any row is locked: where nobody has room, nothing is touched every second.
    continue when not exists (select from private.free_members(place));
    -- Skip locked: who holds it is changing it, and the next second looks again.
    for thread in
      select c.* from public.conversations c
       where c.inbox_id = place and c.status = 'open' and c.assignee_id is null
         and c.waiting_since is not null
       order by (case c.priority when 'urgent' then 0 when 'high' then 1 when 'low' then 3
                   else 2 end), c.waiting_since limit 200
         for no key update skip locked
    loop
      exit when clock_timestamp() > longest;
      if private.route_conversation(thread) is not null then
        routed := routed + 1;
      elsif not exists (select from private.free_members(place)) then
        exit;
      end if;
    end loop;
  end loop;
  return routed;
end $$;

CREATE TABLE public.auto_replies (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    inbox_id uuid NOT NULL,
    kind text NOT NULL,
    keyword text,
    body text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT auto_replies_kind_check CHECK ((kind = ANY (ARRAY['greeting'::text, 'away'::text, 'keyword'::text]))),
    CONSTRAINT balas_auto_replies_body CHECK (((char_length(body) >= 1) AND (char_length(body) <= 1600))),
    CONSTRAINT balas_auto_replies_keyword CHECK (((kind <> 'keyword'::text) OR (COALESCE(btrim(keyword), ''::text) <> ''::text)))
);

COMMENT ON COLUMN public.auto_replies.keyword IS 'Words or phrases, divided by commas, that are looked for as whole words in any case.';

COMMENT ON COLUMN public.auto_replies.body IS 'With {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}; a value that is missing leaves nothing, not even the space before it.';

CREATE FUNCTION private.rule_for(message public.messages, thread public.conversations, inbox public.inboxes) RETURNS public.auto_replies
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  rule public.auto_replies;
  hour_ago constant timestamptz := clock_timestamp() - interval '1 hour';
  in_talk constant boolean := private.spoke_since(thread.id, hour_ago);
  began constant timestamptz := private.began_at(thread);
  closed boolean := false;
  since timestamptz;
begin
  if not in_talk then
    select a.* into rule from public.auto_replies a
     cross join lateral (select private.keyword_length(a.keyword, message.content) as n) k
     where a.inbox_id = inbox.id and a.enabled and a.kind = 'keyword' and k.n is not null
     order by k.n desc, a.created_at, a.id limit 1;
    if rule.id is not null then
      return rule;
    end if;
  end if;

  begin
    closed := not private.is_open(inbox.hours);
    since := private.closed_since(inbox.hours);
  exception when others then  -- hours of the time before they were checked
    raise warning 'The hours of inbox % cannot be read: %', inbox.id, sqlerrm;
  end;
  if closed and not private.spoke_since(thread.id, greatest(since, hour_ago)) then
    select a.* into rule from public.auto_replies a
     where a.inbox_id = inbox.id and a.enabled and a.kind = 'away'
       and not exists (
         select from public.messages m
          where m.conversation_id = thread.id and m.automatic
            and m.metadata #>> '{rule,kind}' = 'away'
            and m."timestamp" >= coalesce(since, began))
     order by a.created_at, a.id limit 1;
    if rule.id is not null then
      return rule;
    end if;
  end if;

  if in_talk then
    return null;
  end if;
  select a.* into rule from public.auto_replies a
   where a.inbox_id = inbox.id and a.enabled and a.kind = 'greeting'
     -- Their first word since then; one that came late stands before that moment.
     and not exists (
       select from public.messages m
        where m.conversation_id = thread.id and m."timestamp" >= began and m.id <> message.id
          and (m.automatic or m.direction = 'outbound' or m."timestamp" < message."timestamp"))
   order by a.created_at, a.id limit 1;
  return rule;
end $$;

CREATE FUNCTION private.rule_values(thread public.conversations, inbox public.inboxes) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  vals jsonb := jsonb_build_object(
    'contact.name', (select p.name from public.contacts p where p.id = thread.contact_id),
    'inbox.name', inbox.name);
  today text;
  opens timestamp;
begin
  if inbox.hours is null then
    return vals;
  end if;
  begin
    select string_agg(to_char(lower(s) at time zone (inbox.hours ->> 'zone'), 'HH24:MI') || '–'
             || to_char(upper(s) at time zone (inbox.hours ->> 'zone'), 'HH24:MI'), ', ')
      into today
      from private.hours_on(inbox.hours,
        (clock_timestamp() at time zone (inbox.hours ->> 'zone'))::date) s;
    opens := private.opens_at(inbox.hours) at time zone (inbox.hours ->> 'zone');
  exception when others then
    return vals;
  end;
  return vals || jsonb_build_object('hours.today', today, 'hours.opens',
    case when opens::date = (clock_timestamp() at time zone (inbox.hours ->> 'zone'))::date
      then to_char(opens, 'HH24:MI') else to_char(opens, 'DD/MM HH24:MI') end);
end $$;

CREATE FUNCTION private.rule_variables() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select array['contact.name', 'inbox.name', 'hours.today', 'hours.opens']
$$;

CREATE FUNCTION private.run_rules(message_id uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  message public.messages;
  thread public.conversations;
  inbox public.inboxes;
  reply uuid;
  assignee uuid;
begin
  select * into message from public.messages m where m.id = run_rules.message_id;
  -- One job of a customer at a time, before any row is held.
  perform pg_advisory_xact_lock(hashtextextended('balas:rules:' || c.contact_id, 0))
    from public.conversations c where c.id = message.conversation_id;
  select * into thread from public.conversations c where c.id = message.conversation_id
     for no key update;
  select * into inbox from public.inboxes i where i.id = thread.inbox_id;
  if inbox.id is null or not inbox.has_rules then
    return '{}';
  end if;
  reply := private.answer_by_rules(message, thread, inbox);
  if inbox.routing and thread.status = 'open' and thread.assignee_id is null
     and thread.waiting_since is not null then
    assignee := private.route_conversation(thread);
  end if;
  return jsonb_strip_nulls(jsonb_build_object('reply', reply, 'assignee', assignee));
end $$;

CREATE FUNCTION private.save_unless_changed(act text, arguments jsonb, seen jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  wanted jsonb := arguments;
  stands jsonb;
  answer jsonb;
  otherwise text[];
  ident uuid;
begin
  if jsonb_typeof(arguments) is distinct from 'object' or jsonb_typeof(seen) is distinct from 'object'
  then
    perform private.refuse('bad_request', 'The arguments or what was seen are no objects.');
  end if;
  -- The row is locked, in the order in which the act itself locks: what it does is then about
  -- exactly what was compared.
  case act
  when 'edit_contact' then
    wanted := coalesce(arguments -> 'changes', '{}');
    if wanted ?| array['add_addresses', 'remove_addresses'] then
      perform private.refuse('bad_request', 'Addresses come and go one by one, without a look.');
    end if;
    ident := (private.lock_my_contact((arguments ->> 'contact_id')::uuid)).id;
    stands := private.contact_rows(array[ident]) -> 0;
    answer := jsonb_build_object('contacts', jsonb_build_array(stands));
  when 'save_canned_reply' then
    perform private.require_supervisor('canned replies');
    perform pg_advisory_xact_lock(hashtextextended('balas:canned_replies', 0));
    select to_jsonb(r) into stands from public.canned_replies r
     where r.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('canned_replies', jsonb_build_array(stands));
  when 'save_label' then
    perform private.require_supervisor('labels');
    perform pg_advisory_xact_lock(hashtextextended('balas:labels', 0));
    select to_jsonb(l) into stands from public.labels l
     where l.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('labels', jsonb_build_array(stands));
  when 'save_auto_reply' then
    perform private.require_supervisor('automatic replies');
    select to_jsonb(r) into stands from public.auto_replies r
     where r.id = (arguments ->> 'id')::uuid for no key update;
    answer := jsonb_build_object('auto_replies', jsonb_build_array(stands));
  when 'save_inbox', 'set_inbox_rules' then
    if act = 'save_inbox' then
      perform private.require_admin('inboxes');
    else
      perform private.require_supervisor('the rules of an inbox');
    end if;
    wanted := coalesce(arguments -> 'changes', arguments -> 'rules', '{}');
    select to_jsonb(i) into stands from public.inboxes i
     where i.id = (arguments ->> 'inbox_id')::uuid for no key update;
    answer := jsonb_build_object('inboxes', jsonb_build_array(stands));
    if jsonb_typeof(stands -> 'hours') = 'object' then  -- with what their reader takes for granted
      stands := stands || jsonb_build_object('hours',
        '{"zone": "UTC", "week": {}, "holidays": []}'::jsonb || (stands -> 'hours'));
    end if;
  when 'save_profile' then
    perform private.require_admin('people');
    wanted := coalesce(arguments -> 'changes', '{}');
    if wanted ?| array['role', 'active'] then
      perform from public.profiles p where p.role = 'admin' and p.active
        order by p.id for no key update;
    end if;
    select to_jsonb(p) into stands from public.profiles p
     where p.id = (arguments ->> 'profile_id')::uuid for no key update;
    answer := jsonb_build_object('profiles', jsonb_build_array(stands));
  when 'save_retention' then
    perform private.require_admin('what is kept');
    perform pg_advisory_xact_lock(hashtextextended('balas:retention', 0));
    stands := private.retention();
    answer := stands;
  else
    perform private.refuse('bad_request', 'There is no such act.');
  end case;
  if stands is null then
    return jsonb_build_object('conflict', '[]'::jsonb);
  end if;
  otherwise := private.otherwise_now(stands, seen - 'attributes', wanted);
  if seen ? 'attributes' and private.otherwise_now(
       stands -> 'attributes', seen -> 'attributes', wanted -> 'attributes') <> '{}' then
    otherwise := otherwise || 'attributes'::text;
  end if;
  if otherwise <> '{}' then
    return answer || jsonb_build_object('conflict', to_jsonb(otherwise));
  end if;
  case act
  when 'edit_contact' then
    return public.edit_contact(ident, wanted);
  when 'save_canned_reply' then
    return public.save_canned_reply((arguments ->> 'id')::uuid, arguments ->> 'shortcut',
      arguments ->> 'body', arguments -> 'attachments');
  when 'save_label' then
    return public.save_label((arguments ->> 'id')::uuid, arguments ->> 'name',
      arguments ->> 'color');
  when 'save_auto_reply' then
    return public.save_auto_reply((arguments ->> 'id')::uuid, (arguments ->> 'inbox_id')::uuid,
      arguments ->> 'kind', arguments ->> 'body', arguments ->> 'keyword',
      (arguments ->> 'enabled')::boolean);
  when 'save_inbox' then
    return public.save_inbox((arguments ->> 'inbox_id')::uuid, wanted);
  when 'set_inbox_rules' then
    return public.set_inbox_rules((arguments ->> 'inbox_id')::uuid, wanted);
  when 'save_profile' then
    return public.save_profile((arguments ->> 'profile_id')::uuid, wanted);
  else
    return public.save_retention((arguments ->> 'messages')::integer,
      (arguments ->> 'media')::integer, (arguments ->> 'requests')::integer,
      (arguments ->> 'audit')::integer);
  end case;
end $$;

CREATE FUNCTION private.search_query(query text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION private.search_start(query text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
  select private.search_query(
           case when right(query, 1) ~ '\s' or cardinality(string_to_array(words, ' ')) > 32
                then query else regexp_replace(words, ' [a-z0-9]{1,2}$', ' ') end)
    from (select private.folded(left(query, 2000))) typed (words)
$_$;

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

CREATE FUNCTION private.send_message(id uuid, conversation_id uuid, content text DEFAULT NULL::text, media jsonb DEFAULT '[]'::jsonb, reply_to uuid DEFAULT NULL::uuid, template jsonb DEFAULT NULL::jsonb) RETURNS jsonb
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
    AS $_$
  select jsonb_build_object(
    'profiles', (select coalesce(jsonb_agg(id), '[]') from public.profiles),
    'labels', (select coalesce(jsonb_agg(id), '[]') from public.labels),
    'canned_replies', (select coalesce(jsonb_agg(id), '[]') from public.canned_replies),
    'templates', (select coalesce(jsonb_agg(id), '[]') from public.templates),
    'service_state', (select coalesce(jsonb_agg(id), '[]') from public.service_state),
    'contacts', (
      select coalesce(jsonb_agg(distinct e.contact_id), '[]') from public.erasures e
       where e.rows_at is not null),
    'conversations', (
      select coalesce(jsonb_agg(distinct split_part(f.name, '/', 1)), '[]')
        from private.erased_folders f where f.name ~ '^[0-9a-f-]{36}/$'))
$_$;

CREATE FUNCTION private.skip_erased() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  person uuid;
begin
  if not exists (select from private.erased_sids e where e.sid = new.message_sid) then
    return new;
  end if;
  delete from public.conversations c
   where c.id = new.conversation_id and c.created_at = now()
     and not exists (select from public.messages m where m.conversation_id = c.id)
  returning c.contact_id into person;
  delete from public.contacts p
   where p.id = person and p.created_at = now()
     and not exists (select from public.conversations c where c.contact_id = p.id);
  return null;
end $$;

CREATE FUNCTION private.skip_reopened() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if exists (select from public.conversations c
              where c.id = new.conversation_id and private.is_blocked(c.contact_id)) then
    return null;
  end if;
  return new;
end $$;

CREATE FUNCTION private.slot_of(moment timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select date_bin('15 minutes', moment, timestamptz '2000-01-01 00:00:00+00')
$$;

CREATE FUNCTION private.sms_segments(content text) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
declare
  basic constant text := E'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>'
    '?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  extended constant text := E'\f^{}\\[~]|€';  -- two septets each
  is_gsm boolean;
  one integer;
  part integer;
  whole integer;
  parts integer := 1;
  used integer := 0;
  letter text;
  size integer;
begin
  if coalesce(content, '') = '' then
    return 0;
  end if;
  is_gsm := translate(content, basic || extended, '') = '';
  if is_gsm then
    one := 160;
    part := 153;
    whole := char_length(content) * 2 - char_length(translate(content, extended, ''));
  else
    one := 70;
    part := 67;
    -- in UTF-16, where four bytes of UTF-8 are two units
    whole := char_length(content)
      + char_length(regexp_replace(content, '[^\U00010000-\U0010ffff]', '', 'g'));
  end if;
  if whole <= one then
    return 1;
  end if;
  if whole = char_length(content) then
    return ceil(whole / part::numeric);
  end if;
  -- What takes two places is never torn apart by a part's end.
  foreach letter in array string_to_array(content, null) loop
    size := case
      when is_gsm then case when strpos(extended, letter) > 0 then 2 else 1 end
      when ascii(letter) > 65535 then 2 else 1 end;
    if used + size > part then
      parts := parts + 1;
      used := 0;
    end if;
    used := used + size;
  end loop;
  return parts;
end $_$;

CREATE FUNCTION private.spans_of(at timestamp with time zone) RETURNS integer[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select case when d is null then '{}'
              else array[d << 2, (d >> 3 << 2) + 1, (d >> 6 << 2) + 2] end
    from (select case when isfinite(at) then floor(extract(epoch from
                   at - timestamptz '2000-01-01 00:00:00+00') / 86400)::integer end) days (d)
$$;

CREATE FUNCTION private.spoke_since(conversation uuid, at timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select exists (
    select from public.messages m
     where m.conversation_id = conversation and m.direction = 'outbound' and not m.automatic
       and m.status is distinct from 'scheduled' and m.status is distinct from 'canceled'
       and m."timestamp" > at)
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

CREATE FUNCTION private.stop_waiting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- First the rows, then what they say: a message may just be on its way into one of them.
  perform from public.conversations c where c.contact_id = new.id order by c.id for no key update;
  update public.conversations c set waiting_since = null
   where c.contact_id = new.id and c.waiting_since is not null;
  return null;
end $$;

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
  edge constant timestamptz := coalesce(private.retention_edge('messages'), '-infinity');
begin
  return array(
    select m.s from unnest(private.sweep_missing(listed)) with ordinality m (s, n)
     where not exists (select from private.erased_sids e where e.sid = m.s)
       and not exists (
         select from jsonb_to_recordset(listed) as l (sid text, at timestamptz)
          where l.sid = m.s and l.at < edge)
     order by m.n);
end $$;

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

CREATE FUNCTION private.sweep_missing(listed jsonb) RETURNS text[]
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

CREATE FUNCTION private.take_back() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
  thread public.conversations;
  taken integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:take_back', 0)) then
    return 0;
  end if;
  for thread in
    select c.*
      from public.profiles p
      join public.conversations c on c.assignee_id = p.id and c.status = 'open'
      join public.inboxes i on i.id = c.inbox_id
     where c.waiting_since is not null
       and (not p.active
            or (p.role = 'agent' and not exists (
                  select from public.inbox_members m
                   where m.inbox_id = i.id and m.profile_id = p.id))
            or (not p.available
                and p.absent_since <= clock_timestamp() - make_interval(mins => i.take_back_minutes)
                and not exists (
                  select from public.events e
                   where e.conversation_id = c.id and e.kind = 'assigned'
                     and e.created_at
                         > clock_timestamp() - make_interval(mins => i.take_back_minutes))))
     order by c.waiting_since limit 200
       for no key update of c skip locked
  loop
    update public.conversations c set assignee_id = null where c.id = thread.id;
    perform private.tell(thread, 'unassigned', jsonb_build_object('by', 'absence',
      'from_id', thread.assignee_id, 'from_name', private.name_of(thread.assignee_id)));
    taken := taken + 1;
  end loop;
  return taken;
end $$;

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

CREATE FUNCTION private.tell_of_contact(contact uuid, kind text, data jsonb) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  told uuid[];
begin
  with written as (
    insert into public.events (conversation_id, kind, actor_id, data, created_at)
    select c.id, tell_of_contact.kind, auth.uid(), jsonb_strip_nulls(tell_of_contact.data),
           clock_timestamp()
      from public.conversations c
     where c.contact_id = contact
       and (c.status <> 'resolved'
            or coalesce(c.last_message_at, c.created_at) > now() - interval '30 days')
    returning id)
  select array_agg(w.id) into told from written w;
  return coalesce(told, '{}');
end $$;

CREATE FUNCTION private.tell_opt_out() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform private.tell_of_contact(new.contact_id,
    case when new.opted_out_at is null then 'opted_in' else 'opted_out' end,
    jsonb_build_object('address', new.address));
  return null;
end $$;

CREATE FUNCTION private.tell_overdue() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  told integer;
begin
  with due as (
    select c.id from public.conversations c
     where c.overdue_since is null and c.status = 'open' and c.waiting_since is not null
       and coalesce(c.first_response_due_at, c.next_response_due_at) <= clock_timestamp()
     order by coalesce(c.first_response_due_at, c.next_response_due_at) limit 200
       for no key update skip locked),
  marked as (
    update public.conversations c
       set overdue_since = coalesce(c.first_response_due_at, c.next_response_due_at)
      from due where c.id = due.id
    returning c.id, c.assignee_id, c.overdue_since, c.first_response_due_at)
  insert into public.events (conversation_id, kind, data, created_at)
  select m.id, 'response_overdue', jsonb_strip_nulls(jsonb_build_object(
           'due_at', m.overdue_since, 'assignee_id', m.assignee_id,
           'which', case when m.first_response_due_at is null then 'next' else 'first' end)),
         clock_timestamp()
    from marked m;
  get diagnostics told = row_count;
  return told;
end $$;

CREATE FUNCTION private.text_of(content text, media jsonb, metadata jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select concat_ws(' ', content,
    case when media <> '[]' then (
      select string_agg(f ->> 'name', ' ')
        from jsonb_array_elements(case jsonb_typeof(media) when 'array' then media else '[]' end) f)
    end,
    metadata #>> '{location,label}', metadata #>> '{location,address}')
$$;

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
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
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

CREATE FUNCTION private.was_answered(thread public.conversations) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.messages m
     where m.conversation_id = thread.id and m.direction = 'outbound' and not m.automatic
       and m.status is distinct from 'scheduled' and m.status is distinct from 'canceled'
       and m."timestamp" >= private.began_at(thread))
$$;

CREATE FUNCTION private.words_of(content text, inbox uuid) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select array_to_tsvector(array(
    select distinct left(w, 60)
      from string_to_table(private.folded(left(content, 20000)), ' ') w where w <> '')
    || ('~' || inbox))
$$;

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

CREATE FUNCTION public.administration() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may look at this.', 'Ask a supervisor.');
  end if;
  return jsonb_build_object(
    'role', (select p.role from public.profiles p where p.id = auth.uid()),
    'inboxes', (
      select coalesce(jsonb_agg(to_jsonb(i) order by lower(i.name), i.id), '[]')
        from public.inboxes i where not i.hidden),
    'inbox_members', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'inbox_id', m.inbox_id, 'profile_id', m.profile_id)
               order by m.inbox_id, m.created_at, m.profile_id), '[]')
        from public.inbox_members m join public.inboxes i on i.id = m.inbox_id and not i.hidden),
    'profiles', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', p.id, 'display_name', p.display_name, 'role', p.role, 'active', p.active,
               'available', p.available, 'absent_since', p.absent_since, 'capacity', p.capacity,
               'locale', p.locale, 'open', (
                 select count(*) from public.conversations c
                  where c.assignee_id = p.id and c.status = 'open'))
               order by not p.active, lower(p.display_name) nulls last, p.id), '[]')
        from (
          select s.* from public.profiles s
           where s.role <> 'agent'
              or exists (select from public.inbox_members m where m.profile_id = s.id)
          union all
          (select o.* from public.profiles o
            where o.role = 'agent'
              and not exists (select from public.inbox_members m where m.profile_id = o.id)
            order by o.created_at desc limit 500)) p),
    'auto_replies', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.inbox_id, r.kind, r.created_at, r.id), '[]')
        from public.auto_replies r),
    'retention', case when private.is_admin() then private.retention() end);
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

CREATE FUNCTION public.audit(before bigint DEFAULT NULL::bigint, page_size integer DEFAULT 50) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  size constant integer := least(greatest(coalesce(page_size, 50), 1), 500);
  page jsonb;
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may read the audit log.',
      'Ask an administrator.');
  end if;
  select coalesce(jsonb_agg(to_jsonb(e) order by e.id desc), '[]') into page
    from (
      select a.id, a.at, a.actor_id, private.name_of(a.actor_id) as actor_name, a.action,
             a.subject_type, a.subject_id, a.data
        from public.audit_log a
       where audit.before is null or a.id < audit.before
       order by a.id desc limit size + 1) e;
  return jsonb_build_object('more', jsonb_array_length(page) > size,
    'audit', case when jsonb_array_length(page) > size then page - size else page end);
end $$;

CREATE FUNCTION public.cancel_scheduled(id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  held record;
begin
  held := private.lock_scheduled(cancel_scheduled.id, true);
  update public.messages m set status = 'canceled'
   where m.id = any (held.ids) and m.status = 'scheduled';
  return private.sent_messages(held.ids);
end $$;

CREATE FUNCTION public.change_conversations(conversation_ids uuid[], act text, arguments jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if coalesce(jsonb_typeof(arguments), 'null') <> 'null' then
    perform private.check_form(arguments, case act
      when 'assign' then '{"assignee_id": "string null"}'
      when 'snooze' then '{"until": "string null"}'
      when 'label' then '{"label_id": "string null", "present": "boolean"}'
      when 'priority' then '{"priority": "string null"}'
      else '{}' end::jsonb, 'bad_request', 'What is to be done');
  end if;
  return private.change_conversations(conversation_ids, act, arguments);
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

CREATE FUNCTION public.delete_auto_reply(id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gone public.auto_replies;
begin
  perform private.require_supervisor('automatic replies');
  delete from public.auto_replies r where r.id = delete_auto_reply.id returning * into gone;
  if found then
    perform private.audit('auto_reply_deleted', 'auto_replies', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('auto_replies', jsonb_build_array(delete_auto_reply.id)));
end $$;

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

CREATE FUNCTION public.edit_contact(contact_id uuid, changes jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  known constant text[] := array['name', 'phone', 'locale', 'notes', 'attributes',
    'add_addresses', 'remove_addresses'];
  added text[];
  removed text[];
  before public.contacts;
  after public.contacts;
  fields text[];
  told uuid[] := '{}';
begin
  if coalesce(jsonb_typeof(changes), 'null') <> 'object'
     or exists (select from jsonb_object_keys(changes) k where k <> all (known)) then
    perform private.refuse('bad_request', 'This is nothing that a contact has.');
  end if;
  added := private.addresses_of(changes -> 'add_addresses');
  removed := private.addresses_of(changes -> 'remove_addresses');
  -- The addresses before the contact, and in one order, as ingest does.
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from (select distinct x from unnest(added || removed) x order by x) o;
  before := private.lock_my_contact(edit_contact.contact_id);

  after := before;
  if changes ? 'name' then
    after.name := nullif(btrim(regexp_replace(
      coalesce(changes ->> 'name', ''), '[[:cntrl:]\s]+', ' ', 'g')), '');
    if char_length(after.name) > 200 then
      perform private.refuse('bad_name', 'The name is longer than 200 characters.', 'Shorten it.');
    end if;
  end if;
  if changes ? 'phone' then
    after.phone := private.address_of(nullif(btrim(changes ->> 'phone'), ''), 'sms');
    if after.phone is null and btrim(coalesce(changes ->> 'phone', '')) <> '' then
      perform private.refuse('bad_address', 'This is no phone number.',
        'Write it with its country code, for example +62 812 3456 7890.');
    end if;
  end if;
  if changes ? 'locale' then
    after.locale := nullif(btrim(changes ->> 'locale'), '');
    if after.locale !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$' then
      perform private.refuse('bad_locale', 'This is no language.', 'For example id or en.');
    end if;
  end if;
  if changes ? 'notes' then
    after.notes := nullif(btrim(changes ->> 'notes', E' \t\r\n'), '');
    if char_length(after.notes) > 10000 then
      perform private.refuse('too_long', 'The notes are longer than 10,000 characters.',
        'Shorten them.');
    end if;
  end if;
  if changes ? 'attributes' then
    after.attributes := private.changed_attributes(before.attributes, changes -> 'attributes');
  end if;
  fields := array_remove(array[
    case when after.name is distinct from before.name then 'name' end,
    case when after.phone is distinct from before.phone then 'phone' end,
    case when after.locale is distinct from before.locale then 'locale' end,
    case when after.notes is distinct from before.notes then 'notes' end,
    case when after.attributes <> before.attributes then 'attributes' end], null);
  if fields <> '{}' then
    update public.contacts p
       set name = after.name, phone = after.phone, locale = after.locale, notes = after.notes,
           attributes = after.attributes
     where p.id = before.id;
  end if;
  if added || removed <> '{}' and private.change_addresses(before.id, added, removed) then
    fields := fields || 'addresses'::text;
  end if;
  if fields <> '{}' then
    told := private.tell_of_contact(before.id, 'contact_edited', jsonb_build_object(
      'fields', fields, 'name', case when 'name' = any (fields) then after.name end,
      'from_name', case when 'name' = any (fields) then before.name end));
  end if;
  return private.changed_contacts(array[before.id], told);
end $_$;

CREATE FUNCTION public.erase_contact(id uuid, contact_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  known public.erasures;
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may erase a contact.', 'Ask a supervisor.');
  end if;
  if erase_contact.id is null then
    perform private.refuse('bad_id', 'The erasure has no id.');
  end if;
  -- The contact first: two who ask at once wait for each other here.
  perform from public.contacts c where c.id = erase_contact.contact_id for update;
  if not found and not exists (
    select from public.erasures e
     where e.id = erase_contact.id or e.contact_id = erase_contact.contact_id) then
    perform private.refuse('not_found', 'There is no such contact.', 'They may be erased already.');
  end if;
  select * into known from public.erasures e where e.id = erase_contact.id;
  if known.id is not null and known.contact_id is distinct from erase_contact.contact_id then
    perform private.refuse('not_allowed', 'This id belongs to another erasure.', 'Ask anew.');
  end if;
  if known.id is null then  -- somebody else was first: theirs is the receipt
    select * into known from public.erasures e
     where e.contact_id = erase_contact.contact_id order by e.requested_at desc limit 1;
  end if;
  if known.id is null and exists (
    select from public.contacts c
     where c.id = erase_contact.contact_id and c.merged_into is not null) then
    perform private.refuse('merged', 'This contact was merged into another one.',
      'Erase that one, or undo the merge.');
  end if;
  if known.id is not null then
    update public.erasures e set state = 'erasing', left_over = '{}', finished_at = null
     where e.id = known.id and e.state = 'incomplete';
    if found then
      update private.erasure_parts p set tries = 0, not_before = '-infinity'
       where p.erasure_id = known.id;
      perform private.enqueue_erasure(known.id);
    end if;
    return private.receipt(known.id);
  end if;

  insert into public.erasures (id, contact_id, requested_by)
  values (erase_contact.id, erase_contact.contact_id, auth.uid());
  update public.contacts c set blocked = true
   where c.id = erase_contact.contact_id and not c.blocked;
  update public.messages m set status = 'canceled'
    from public.conversations c
   where c.contact_id = erase_contact.contact_id and m.conversation_id = c.id
     and m.direction = 'outbound' and m.status in ('queued', 'scheduled');
  perform private.audit('contact_erasure_requested', 'contacts', erase_contact.contact_id,
    jsonb_build_object('erasure_id', erase_contact.id));
  perform private.enqueue_erasure(erase_contact.id);
  return private.receipt(erase_contact.id);
end $$;

CREATE FUNCTION public.handover(id uuid, assignee_id uuid, summary text DEFAULT ''::text, from_id uuid DEFAULT NULL::uuid, snoozed boolean DEFAULT false) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  me constant uuid := auth.uid();
  giver constant uuid := coalesce(handover.from_id, me);
  words constant text := btrim(coalesce(summary, ''), E' \t\r\n');
  supervisor constant boolean := private.is_supervisor();
  mine constant uuid[] := array(select private.my_inboxes());
  theirs uuid[] := mine;
  moment timestamptz;
  given uuid[];
  kept jsonb;
  answer jsonb;
  known private.handovers;
begin
  if handover.id is null then
    perform private.refuse('bad_id', 'The handover has no id.');
  end if;
  if cardinality(mine) = 0 then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if giver <> me and not supervisor then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators hand over the work of others.', 'Ask a supervisor.');
  end if;
  -- The repeat of a call that is still at work waits for it here.
  perform pg_advisory_xact_lock(hashtextextended('balas:handover:' || handover.id, 0));
  select * into known from private.handovers h where h.id = handover.id;
  if known.id is not null then
    if known.actor_id <> me then
      perform private.refuse('not_allowed', 'This id belongs to another handover.',
        'Hand over anew.');
    end if;
    return known.answer;
  end if;
  if handover.assignee_id = giver then
    perform private.refuse('same_person', 'They have these conversations already.',
      'Choose somebody else.');
  end if;
  if handover.assignee_id is not null and not exists (
       select from public.profiles p where p.id = handover.assignee_id and p.active) then
    perform private.refuse('cannot_see', 'This person does not work here any more.',
      'Choose somebody else.');
  end if;
  if char_length(words) > 10000 then
    perform private.refuse('too_long', 'The summary is longer than 10,000 characters.',
      'Shorten it.');
  end if;

  if handover.assignee_id is not null then
    theirs := array(select i from unnest(mine) i where private.may_see(handover.assignee_id, i));
  end if;

  -- In order of their ids, as bulk calls do. What others took or closed meanwhile is not among them.
  select coalesce(array_agg(l.id) filter (where l.inbox_id = any (theirs)), '{}'),
         coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'code', 'cannot_see', 'detail',
           coalesce(nullif(private.name_of(handover.assignee_id), ''), 'This person')
           || ' cannot see this inbox.')) filter (where l.inbox_id <> all (theirs)), '[]')
    into given, kept
    from (select c.id, c.inbox_id from public.conversations c
           where c.assignee_id = giver and c.inbox_id = any (mine)
             and (c.status = 'open' or (handover.snoozed and c.status = 'snoozed'))
           order by c.id for update) l;
  moment := clock_timestamp();
  update public.conversations c set assignee_id = handover.assignee_id where c.id = any (given);
  insert into public.events (conversation_id, kind, actor_id, data, created_at)
  select g, case when handover.assignee_id is null then 'unassigned' else 'assigned' end, me,
         jsonb_strip_nulls(jsonb_build_object(
           'assignee_id', handover.assignee_id,
           'assignee_name', private.name_of(handover.assignee_id),
           'from_id', giver, 'from_name', private.name_of(giver),
           'handover_id', handover.id)), moment
    from unnest(given) g;
  if words <> '' then
    insert into public.notes (id, conversation_id, author_id, body, created_at)
    -- after the event, so that it is read as what was said at it
    select private.uuid5(handover.id, g::text), g, me, words, moment + interval '1 microsecond'
      from unnest(given) g;
  end if;

  answer := jsonb_build_object('handed_over', cardinality(given), 'kept', kept,
    'conversations', to_jsonb(given));
  insert into private.handovers (id, actor_id, answer) values (handover.id, me, answer);
  perform private.audit('handed_over', 'profiles', giver, jsonb_build_object(
    'handover_id', handover.id, 'assignee_id', handover.assignee_id,
    'conversations', cardinality(given)));
  return answer;
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

CREATE FUNCTION public.merge_contacts(id uuid, into_id uuid, from_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  people constant uuid[] := array[merge_contacts.into_id, merge_contacts.from_id];
  known private.contact_merges;
  stays public.contacts;
  goes public.contacts;
  became public.contacts;
  joined public.conversations;
  thread public.conversations;
  moment timestamptz;
  changed text[];
  told uuid[];
begin
  if merge_contacts.id is null then
    perform private.refuse('bad_id', 'The merge has no id.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('balas:merge:' || merge_contacts.id, 0));
  select * into known from private.contact_merges m where m.id = merge_contacts.id;
  if known.id is not null then
    if known.merged_by is distinct from auth.uid() or known.into_id <> merge_contacts.into_id
       or known.from_id <> merge_contacts.from_id then
      perform private.refuse('not_allowed', 'This id belongs to another merge.', 'Merge anew.');
    end if;
    return private.merged_people(people, '{}');
  end if;
  if merge_contacts.into_id = merge_contacts.from_id then
    perform private.refuse('bad_request', 'This is one contact already.', 'Choose another one.');
  end if;
  if not coalesce(private.may_see_contact(merge_contacts.into_id)
                  and private.may_see_contact(merge_contacts.from_id), false) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  perform private.lock_people(people);
  select * into stays from public.contacts p where p.id = merge_contacts.into_id;
  select * into goes from public.contacts p where p.id = merge_contacts.from_id;
  if stays.id is null or goes.id is null or stays.merged_into is not null
     or goes.merged_into is not null then
    perform private.refuse('not_found', 'One of the two was merged or erased meanwhile.',
      'Look at the contact again.');
  end if;

  moment := clock_timestamp();
  became := private.joined_contact(stays, goes);
  select coalesce(array_agg(f.key), '{}') into changed
    from jsonb_each(to_jsonb(became)) f where f.value <> to_jsonb(stays) -> f.key;
  insert into private.contact_merges (id, into_id, from_id, merged_by, merged_at, addresses,
    before, after, moved)
  values (merge_contacts.id, stays.id, goes.id, auth.uid(), moment,
    array(select a.id from public.contact_addresses a where a.contact_id = goes.id),
    (select coalesce(jsonb_object_agg(f, to_jsonb(stays) -> f), '{}') from unnest(changed) f),
    (select coalesce(jsonb_object_agg(f, to_jsonb(became) -> f), '{}') from unnest(changed) f),
    array(select c.id from public.conversations c
           where c.contact_id = goes.id and c.joined_to is null
             and (c.adopted or not exists (
               select from public.conversations o
                where o.contact_id = stays.id and o.inbox_id = c.inbox_id and not o.adopted))));

  -- Who saw the other one is told that it is gone.
  perform private.note_contacts(array[goes.id]);
  update public.contact_addresses a set contact_id = stays.id where a.contact_id = goes.id;
  for joined in
    select c.* from public.conversations c
     where c.contact_id = goes.id and c.joined_to is null and not c.adopted order by c.id
  loop
    select * into thread from public.conversations c
     where c.contact_id = stays.id and c.inbox_id = joined.inbox_id and not c.adopted;
    continue when thread.id is null;
    perform private.join_threads(merge_contacts.id, joined, thread);
  end loop;
  update public.conversations c set contact_id = stays.id
    from private.contact_merges m where m.id = merge_contacts.id and c.id = any (m.moved);
  update public.contacts p set merged_into = stays.id where p.id = goes.id;
  update public.contacts p
     set name = became.name, phone = became.phone, locale = became.locale, notes = became.notes,
         attributes = became.attributes, blocked = became.blocked
   where p.id = stays.id;
  told := private.tell_of_contact(stays.id, 'contact_merged', jsonb_build_object(
    'merge_id', merge_contacts.id, 'name', stays.name, 'from_name', goes.name,
    'threads', (select jsonb_object_agg(j.joined_id, j.thread_id)
                  from private.joined_threads j where j.merge_id = merge_contacts.id)));
  perform private.audit('contacts_merged', 'contacts', stays.id,
    jsonb_build_object('merge_id', merge_contacts.id, 'from_id', goes.id));
  return private.merged_people(people, told);
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

CREATE FUNCTION public.preview_template(inbox_id uuid, template jsonb, contact_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not exists (select from public.inboxes i
                  where i.id = preview_template.inbox_id
                    and i.id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
      'Ask for access to it.');
  end if;
  if preview_template.contact_id is not null
     and not private.may_see_contact(preview_template.contact_id) then
    perform private.refuse('not_found', 'There is no such contact, or it is not yours.');
  end if;
  return private.chosen_template(
    coalesce(template, '{}'), preview_template.inbox_id, preview_template.contact_id);
end $$;

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
      'base', private.feed_snapshot(mine, me, staff), 'base_at', now(), 'known', '[]'::jsonb,
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
    state := state || jsonb_build_object(
      'target', private.feed_snapshot(mine, me, staff), 'target_at', now(),
      'xid', null, 'seq', null);
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

CREATE FUNCTION public.receipts(before uuid DEFAULT NULL::uuid, page_size integer DEFAULT 50) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  size constant integer := least(greatest(coalesce(page_size, 50), 1), 500);
  edge public.erasures;
  page jsonb;
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may look at this.', 'Ask a supervisor.');
  end if;
  if receipts.before is not null then
    select * into edge from public.erasures e where e.id = receipts.before;
    if edge.id is null then
      perform private.refuse('bad_cursor', 'This is not where a page ended.', 'Begin anew.');
    end if;
  end if;
  select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object(
           'requested_by_name', private.name_of(e.requested_by))
           order by e.requested_at desc, e.id desc), '[]') into page
    from (
      select * from public.erasures e
       where edge.id is null or (e.requested_at, e.id) < (edge.requested_at, edge.id)
       order by e.requested_at desc, e.id desc limit size + 1) e;
  return jsonb_build_object('more', jsonb_array_length(page) > size,
    'erasures', case when jsonb_array_length(page) > size then page - size else page end);
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

CREATE FUNCTION public.reports(kind text, "from" timestamp with time zone DEFAULT NULL::timestamp with time zone, "to" timestamp with time zone DEFAULT NULL::timestamp with time zone, inbox_id uuid DEFAULT NULL::uuid, agent_id uuid DEFAULT NULL::uuid, time_zone text DEFAULT 'Asia/Jakarta'::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET work_mem TO '64MB'
    AS $_$
declare
  times constant text[] := array['first_response', 'response', 'resolution'];
  wanted text[];
  counts boolean;
  grouping_by text;
  mine uuid[] := array(select private.my_inboxes());
  until constant timestamptz := coalesce(reports."to", now());
  since constant timestamptz := coalesce(reports."from", until - interval '30 days');
  starts timestamptz;
  ends timestamptz;
  who uuid := reports.agent_id;
  zone constant text := coalesce(reports.time_zone, 'Asia/Jakarta');
  -- the whole days of the range, where they are kept, and their beginning and end
  first_day date;
  past_day date;
  whole_since timestamptz;
  whole_until timestamptz;
  answer jsonb;
begin
  if reports.kind is null
     or reports.kind <> all (times || array['volume', 'agents', 'inboxes', 'days']) then
    perform private.refuse('bad_request', 'There is no report of this name.', 'Update Balas.');
  end if;
  if cardinality(mine) = 0 then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if reports.inbox_id is not null then
    if reports.inbox_id <> all (mine) then
      perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
        'Ask an administrator for access.');
    end if;
    mine := array[reports.inbox_id];
  end if;
  if not private.is_supervisor() then
    who := coalesce(who, auth.uid());
    if who <> auth.uid() then
      perform private.refuse('not_allowed',
        'Only supervisors and administrators see the work of others.', 'Ask a supervisor.');
    end if;
  end if;
  if not isfinite(since) or not isfinite(until) or since >= until
     or until - since > interval '1850 days' then
    perform private.refuse('bad_time', 'A report is of five years at most, and ends after it began.',
      'Choose other days.');
  end if;
  begin
    -- a name and no rule of POSIX, of which any string is one
    if zone !~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$' then
      raise invalid_parameter_value;
    end if;
    perform since at time zone zone;
  exception when invalid_parameter_value then
    perform private.refuse('bad_time_zone', 'There is no time zone of this name.',
      'Choose one like Asia/Jakarta.');
  end;
  starts := private.slot_of(since);
  ends := private.slot_of(until);
  if ends < until then
    ends := ends + interval '15 minutes';
  end if;
  wanted := case when reports.kind = 'volume' then '{}'::text[]
                 when reports.kind = any (times) then array[reports.kind] else times end;
  counts := reports.kind = 'volume' or reports.kind <> all (times);
  first_day := (starts at time zone zone)::date;
  if private.day_begins(first_day, zone) < starts then
    first_day := first_day + 1;
  end if;
  past_day := (ends at time zone zone)::date;
  if zone = (select z.zone from private.report_zone z) and first_day < past_day then
    whole_since := private.day_begins(first_day, zone);
    whole_until := private.day_begins(past_day, zone);
  else
    whole_since := ends;
    whole_until := ends;
    past_day := first_day;
  end if;
  grouping_by := case when reports.kind in ('agents', 'inboxes') then reports.kind else 'days' end;

  with lines as (
    select v.slot, null::date as day, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v where v.slot >= starts and v.slot < whole_since
    union all
    select v.slot, null, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v
     where not v.folded and v.slot >= whole_since and v.slot < whole_until
    union all
    select null, d.day, d.inbox_id, d.agent_id, d.what, d.n
      from private.report_days d where d.day >= first_day and d.day < past_day
    union all
    select v.slot, null, v.inbox_id, v.agent_id, v.what, v.n
      from private.report_volume v where v.slot >= whole_until and v.slot < ends
  ), counted as materialized (
    select case grouping_by when 'days' then coalesce(l.day, (l.slot at time zone zone)::date) end
             as day,
           case grouping_by when 'agents' then l.agent_id when 'inboxes' then l.inbox_id end as id,
           l.what, sum(l.n) as n
      from lines l
     where counts and l.inbox_id = any (mine) and (who is null or l.agent_id = who)
     group by 1, 2, 3
  ), volumes as (
    select coalesce(c.id::text, c.day::text) as key, grouping(c.id) = 1 as is_total,
           jsonb_build_object(
             'inbound', coalesce(sum(c.n) filter (where c.what = 'inbound'), 0),
             'outbound', coalesce(sum(c.n) filter (where c.what = 'outbound'), 0),
             'automatic', coalesce(sum(c.n) filter (where c.what = 'automatic'), 0),
             'opened', coalesce(sum(c.n) filter (where c.what = 'opened'), 0),
             'resolved', coalesce(sum(c.n) filter (where c.what = 'resolved'), 0)) as numbers,
           sum(c.n) as weight
      from counted c
     group by grouping sets ((c.id, c.day), ())
  ), spans as (
    select m.key, m.is_total, m.what, m.n as weight,
           jsonb_build_object('n', m.n, 'average', round(m.average::numeric, 3),
             'median', round(m.at_most[1]::numeric, 3),
             'p90', round(m.at_most[2]::numeric, 3)) as numbers
      from private.report_spans(grouping_by, wanted, starts, ends, mine, who, zone) m
  ), keys as (
    select d::date::text as key, 0 as weight, d as place
      from generate_series((starts at time zone zone)::date::timestamp,
        ((ends - interval '1 microsecond') at time zone zone)::date, interval '1 day') d
     where grouping_by = 'days'
    union all
    select w.key, sum(w.weight), null
      from (select v.key, v.weight from volumes v where not v.is_total
            union all
            select s.key, s.weight from spans s where not s.is_total) w
     where grouping_by <> 'days' and w.key is not null
     group by w.key
  ), named as materialized (  -- looked up by key: a join of what nobody can estimate goes wrong
    select (select jsonb_object_agg(v.key, v.numbers) from volumes v
             where not v.is_total and v.key is not null) as volumes,
           (select jsonb_object_agg(s.key, s.numbers)
              from (select s.key, jsonb_object_agg(s.what, s.numbers) as numbers from spans s
                     where not s.is_total and s.key is not null group by s.key) s) as spans
  )
  select jsonb_build_object(
    'kind', reports.kind, 'from', starts, 'to', ends, 'time_zone', zone,
    'total',
      private.report_entry(counts, wanted, (select v.numbers from volumes v where v.is_total),
        (select jsonb_object_agg(s.what, s.numbers) from spans s where s.is_total)),
    'rows', (
      -- made before they are put in order: otherwise all that is named is sorted along with each
      select coalesce(jsonb_agg(e.entry order by e.place, e.weight desc, e.key), '[]')
        from (
          select k.place, k.weight, k.key,
                 case grouping_by
                   when 'days' then jsonb_build_object('day', k.key)
                   when 'agents' then jsonb_build_object('agent_id', k.key,
                     'name', private.name_of(k.key::uuid))
                   else jsonb_build_object('inbox_id', k.key,
                     'name', (select i.name from public.inboxes i where i.id = k.key::uuid)) end
                 || private.report_entry(counts, wanted, n.volumes -> k.key, n.spans -> k.key)
                   as entry
            from keys k cross join named n offset 0) e))
    into answer;
  return answer;
end $_$;

CREATE FUNCTION public.reschedule_message(id uuid, at timestamp with time zone DEFAULT NULL::timestamp with time zone, content text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.retention() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may look at this.',
      'Ask an administrator.');
  end if;
  return private.retention();
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

CREATE FUNCTION public.save_auto_reply(id uuid, inbox_id uuid, kind text, body text, keyword text DEFAULT NULL::text, enabled boolean DEFAULT true) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  words constant text := nullif(btrim(save_auto_reply.keyword), '');
  unknown text[];
  saved public.auto_replies;
begin
  perform private.require_supervisor('automatic replies');
  if save_auto_reply.id is null then
    perform private.refuse('bad_id', 'The automatic reply has no id.');
  end if;
  if not exists (select from public.inboxes i where i.id = save_auto_reply.inbox_id) then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if coalesce(save_auto_reply.kind, '') not in ('greeting', 'away', 'keyword') then
    perform private.refuse('bad_request', 'The kind is greeting, away or keyword.',
      'Choose one of them.');
  end if;
  if save_auto_reply.kind = 'keyword' and (
       words is null or char_length(words) > 500
       or not exists (select from regexp_split_to_table(words, ',') w
                       where btrim(private.plain_words(w)) <> '')) then
    perform private.refuse('bad_name', 'There is no word to look for, or there are too many.',
      'Write some words, divided by commas.');
  end if;
  if btrim(coalesce(save_auto_reply.body, ''), E' \t\r\n') = '' then
    perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
  end if;
  if char_length(save_auto_reply.body) > 1600 then
    perform private.refuse('too_long', 'The text is longer than 1,600 characters.', 'Shorten it.');
  end if;
  -- Whatever stands in double braces: the customer would read it, or nothing in its place.
  select array_agg('{{' || n.name || '}}' order by n.place) into unknown
    from (select regexp_replace(m[1], '^\s+|\s+$', '', 'g') as name, min(place) as place
            from regexp_matches(save_auto_reply.body, '\{\{([^{}]*)\}\}', 'g')
                   with ordinality found (m, place)
           group by 1) n
   where n.name <> all (private.rule_variables());
  if unknown is not null and (
       coalesce(save_auto_reply.enabled, true)
       or not exists (select from public.auto_replies r
                       where r.id = save_auto_reply.id
                         and btrim(r.body, E' \t\r\n')
                             = btrim(save_auto_reply.body, E' \t\r\n'))) then
    perform private.refuse('unknown_variable',
      format('There is no such variable: %s.', array_to_string(unknown, ', ')),
      format('A text may hold {{%s}}.', array_to_string(private.rule_variables(), '}}, {{')));
  end if;
  insert into public.auto_replies as r (id, inbox_id, kind, keyword, body, enabled)
  values (save_auto_reply.id, save_auto_reply.inbox_id, save_auto_reply.kind,
    case save_auto_reply.kind when 'keyword' then words end, save_auto_reply.body,
    coalesce(save_auto_reply.enabled, true))
  on conflict on constraint auto_replies_pkey do update
    set inbox_id = excluded.inbox_id, kind = excluded.kind, keyword = excluded.keyword,
        body = excluded.body, enabled = excluded.enabled
    where (r.inbox_id, r.kind, r.keyword, r.body, r.enabled)
      is distinct from (excluded.inbox_id, excluded.kind, excluded.keyword, excluded.body,
                        excluded.enabled)
  returning * into saved;
  if found then
    perform private.audit('auto_reply_saved', 'auto_replies', saved.id, to_jsonb(saved));
  else
    select * into saved from public.auto_replies r where r.id = save_auto_reply.id;
  end if;
  return jsonb_build_object('auto_replies', jsonb_build_array(to_jsonb(saved)));
end $_$;

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

CREATE FUNCTION public.save_inbox(inbox_id uuid, changes jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  known constant text[] := array['name', 'flagged', 'messaging_service_sid',
    'messages_per_second', 'replies_per_half_minute'];
  stands public.inboxes;
  wanted public.inboxes;
begin
  perform private.require_admin('inboxes');
  select * into stands from public.inboxes i where i.id = save_inbox.inbox_id and not i.hidden
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if jsonb_typeof(changes) is distinct from 'object' or changes - known <> '{}' then
    perform private.refuse('bad_request', 'Something else than an inbox''s own values is named.');
  end if;
  begin
    wanted := jsonb_populate_record(stands, changes);
    if changes ? 'name' then
      wanted.name := btrim(wanted.name, E' \t\r\n');
      if jsonb_typeof(changes -> 'name') <> 'string'
         or char_length(wanted.name) not between 1 and 100 then
        perform private.refuse('bad_name', 'A name has 1 to 100 characters.', 'Write a name.');
      end if;
    end if;
    wanted.messaging_service_sid := nullif(btrim(wanted.messaging_service_sid), '');
    if wanted.messaging_service_sid !~ '^MG[0-9a-fA-F]{32}$' then
      perform private.refuse('bad_request', 'This is not the SID of a messaging service.',
        'It begins with MG and has 34 characters.');
    end if;
    if wanted is distinct from stands then
      update public.inboxes i
         set name = wanted.name, flagged = wanted.flagged,
             messaging_service_sid = wanted.messaging_service_sid,
             messages_per_second = wanted.messages_per_second,
             replies_per_half_minute = wanted.replies_per_half_minute
       where i.id = stands.id;
      perform private.audit('inbox_saved', 'inboxes', stands.id, changes);
    end if;
  exception when data_exception or integrity_constraint_violation then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end;
  select * into stands from public.inboxes i where i.id = stands.id;
  return jsonb_build_object('inboxes', jsonb_build_array(to_jsonb(stands)));
end $_$;

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

CREATE FUNCTION public.save_profile(profile_id uuid, changes jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  known constant text[] := array['display_name', 'role', 'active', 'locale', 'capacity'];
  stands public.profiles;
  wanted public.profiles;
begin
  perform private.require_admin('people');
  if jsonb_typeof(changes) is distinct from 'object' or changes - known <> '{}' then
    perform private.refuse('bad_request', 'Something else than a person''s profile is named.');
  end if;
  if changes ?| array['role', 'active'] then
    -- Of two who take each other's role away at the same moment the second one has lost the right.
    perform from public.profiles p where p.role = 'admin' and p.active
      order by p.id for no key update;
    perform private.require_admin('people');
  end if;
  select * into stands from public.profiles p where p.id = save_profile.profile_id
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  begin
    wanted := jsonb_populate_record(stands, changes);
  exception when data_exception then
    perform private.refuse('bad_request', 'A value is not of its kind.', 'Change the value.');
  end;
  if changes ? 'display_name' then
    wanted.display_name := btrim(wanted.display_name, E' \t\r\n');
    if jsonb_typeof(changes -> 'display_name') <> 'string'
       or char_length(wanted.display_name) not between 1 and 100 then
      perform private.refuse('bad_name', 'A name has 1 to 100 characters.', 'Write a name.');
    end if;
  end if;
  if coalesce(wanted.role, '') not in ('agent', 'supervisor', 'admin') then
    perform private.refuse('bad_request', 'There is no such role.',
      'Choose agent, supervisor or admin.');
  end if;
  if wanted.active is null or coalesce(wanted.locale, '') !~ '^[a-z]{2,3}([_-][A-Za-z]{2,4})?$'
     or wanted.capacity is null or wanted.capacity not between 0 and 10000 then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end if;
  if stands.role = 'admin' and stands.active and not (wanted.role = 'admin' and wanted.active)
     and not exists (select from public.profiles p
                      where p.role = 'admin' and p.active and p.id <> stands.id) then
    perform private.refuse('last_admin', 'Nobody else is an administrator.',
      'Make somebody else one first.');
  end if;
  if (wanted.display_name, wanted.role, wanted.active, wanted.locale, wanted.capacity)
     is distinct from
     (stands.display_name, stands.role, stands.active, stands.locale, stands.capacity) then
    update public.profiles p
       set display_name = wanted.display_name, role = wanted.role, active = wanted.active,
           available = p.available and wanted.active,
           locale = wanted.locale, capacity = wanted.capacity
     where p.id = stands.id;
    if (wanted.display_name, wanted.locale, wanted.capacity)
       is distinct from (stands.display_name, stands.locale, stands.capacity) then
      perform private.audit('profile_saved', 'profiles', stands.id,
        changes - array['role', 'active']);
    end if;
    select * into stands from public.profiles p where p.id = stands.id;
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(stands)));
end $_$;

CREATE FUNCTION public.save_retention(messages integer DEFAULT NULL::integer, media integer DEFAULT NULL::integer, requests integer DEFAULT NULL::integer, audit integer DEFAULT NULL::integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  wanted constant jsonb := jsonb_build_object('messages', save_retention.messages,
    'media', save_retention.media, 'requests', save_retention.requests,
    'audit', save_retention.audit);
  least_days constant jsonb := '{"messages": 30, "media": 7, "requests": 7, "audit": 180}';
  bad text;
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may change this.',
      'Ask an administrator.');
  end if;
  select w.key into bad from jsonb_each_text(wanted) w
   where w.value::integer < (least_days ->> w.key)::integer or w.value::integer > 36500
   order by w.key limit 1;
  if bad is not null then
    perform private.refuse('bad_days',
      format('For %s, choose at least %s days.', bad, least_days ->> bad),
      'Choose more days, or keep it for ever.');
  end if;
  insert into public.settings as s (key, value) values ('retention', wanted)
  on conflict on constraint settings_pkey do update set value = excluded.value
    where s.value <> excluded.value;
  return private.retention();
end $$;

CREATE FUNCTION public.save_unless_changed(act text, arguments jsonb, seen jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  -- Of each act what it takes, and which fields its form may have shown besides.
  canned constant jsonb := '{"id": "string", "shortcut": "string", "body": "string null",
    "attachments": "array null"}';
  label constant jsonb := '{"id": "string", "name": "string", "color": "string null"}';
  reply constant jsonb := '{"id": "string", "inbox_id": "string", "kind": "string",
    "body": "string", "keyword": "string null", "enabled": "boolean null"}';
  kept constant jsonb := '{"messages": "integer null", "media": "integer null",
    "requests": "integer null", "audit": "integer null"}';
  form constant jsonb := case act
    when 'edit_contact' then '{"contact_id": "string", "changes": "object"}'
    when 'save_canned_reply' then canned
    when 'save_label' then label
    when 'save_auto_reply' then reply
    when 'save_inbox' then '{"inbox_id": "string", "changes": "object"}'
    when 'set_inbox_rules' then '{"inbox_id": "string", "rules": "object"}'
    when 'save_profile' then '{"profile_id": "string", "changes": "object"}'
    when 'save_retention' then kept end;
  fields constant text[] := case act
    when 'edit_contact' then array['name', 'phone', 'locale', 'notes', 'attributes']
    when 'save_inbox' then array['name', 'flagged', 'messaging_service_sid',
      'messages_per_second', 'replies_per_half_minute']
    when 'set_inbox_rules' then array['hours', 'routing', 'auto_replies_per_hour',
      'take_back_minutes', 'first_response_minutes', 'next_response_minutes', 'reminder_minutes']
    when 'save_profile' then array['display_name', 'role', 'active', 'locale', 'capacity']
    else array(select k from jsonb_object_keys(form) k) end;
begin
  if form is null then
    perform private.refuse('bad_request', 'There is no such act.');
  end if;
  perform private.check_form(arguments, form, 'bad_request', 'The arguments');
  perform private.check_names(seen, fields, 'bad_request', 'What was seen');
  return private.save_unless_changed(act, arguments, seen);
end $$;

CREATE FUNCTION public.schedule_message(id uuid, conversation_id uuid, content text DEFAULT NULL::text, media jsonb DEFAULT '[]'::jsonb, reply_to uuid DEFAULT NULL::uuid, template jsonb DEFAULT NULL::jsonb, at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.search_contacts(query text, page_size integer DEFAULT 20) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  nearby constant integer := 5000;
  most constant integer := least(greatest(coalesce(page_size, 20), 1), 100);
  mine constant uuid[] := array(select private.my_inboxes());
  wanted tsquery := private.people_query(search_contacts.query);
  hits uuid[];
begin
  if wanted is not null and not private.is_supervisor() then
    wanted := wanted && (select string_agg('''~' || i || '''', ' | ')::tsquery from unnest(mine) i);
  end if;
  if wanted is not null and cardinality(mine) > 0 then
    select array_agg(p.contact_id order by p.name_key, p.contact_id) into hits
      from (
        select s.contact_id, s.name_key
          from (
            select s.contact_id, s.name_key, s.words from private.searchable_contacts s
             order by s.name_key, s.contact_id limit nearby) s
         where s.words @@ wanted
         order by s.name_key, s.contact_id limit most + 1) p;
    if coalesce(cardinality(hits), 0) <= most then
      with found as materialized (
        select s.contact_id, s.name_key from private.searchable_contacts s where s.words @@ wanted)
      select array_agg(p.contact_id order by p.name_key, p.contact_id) into hits
        from (select f.contact_id, f.name_key from found f
               order by f.name_key, f.contact_id limit most + 1) p;
    end if;
  end if;
  return jsonb_build_object(
    'contacts', (
      select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
               select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
                 from public.contact_addresses a where a.contact_id = p.id)) order by h.n), '[]')
        from unnest(hits[1:most]) with ordinality h (id, n)
        join public.contacts p on p.id = h.id and private.may_see_contact(p.id)),
    'conversations', (
      select coalesce(jsonb_agg(to_jsonb(c) order by c.last_message_at desc nulls last, c.id), '[]')
        from public.conversations c
       where c.contact_id = any (hits[1:most]) and c.inbox_id = any (mine)),
    'more', coalesce(cardinality(hits), 0) > most);
end $$;

CREATE FUNCTION public.search_messages(query text, inbox_id uuid DEFAULT NULL::uuid, conversation_id uuid DEFAULT NULL::uuid, before jsonb DEFAULT NULL::jsonb, page_size integer DEFAULT 50) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

CREATE FUNCTION public.send_message(id uuid, conversation_id uuid, content text DEFAULT NULL::text, media jsonb DEFAULT '[]'::jsonb, reply_to uuid DEFAULT NULL::uuid, template jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if coalesce(jsonb_typeof(template), 'null') <> 'null' then
    perform private.check_template(template);
  end if;
  return private.send_message(id, conversation_id, content, media, reply_to, template);
end $$;

CREATE FUNCTION public.set_available(available boolean, profile_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  whose constant uuid := coalesce(set_available.profile_id, auth.uid());
  person public.profiles;
begin
  if not private.is_staff() then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if set_available.available is null then
    perform private.refuse('bad_request', 'Neither there nor away was said.');
  end if;
  if whose <> auth.uid() then
    perform private.require_supervisor('who is there');
  end if;
  select * into person from public.profiles p where p.id = whose for no key update;
  if person.id is null or not person.active then
    perform private.refuse('not_found', 'There is no such person, or they do not work here.');
  end if;
  if person.available <> set_available.available then
    update public.profiles p set available = set_available.available where p.id = whose
    returning * into person;
    if whose <> auth.uid() then
      perform private.audit('availability_changed', 'profiles', whose,
        jsonb_build_object('available', person.available));
    end if;
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(person)));
end $$;

CREATE FUNCTION public.set_blocked(contact_id uuid, blocked boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  person constant public.contacts := private.lock_my_contact(set_blocked.contact_id);
  told uuid[] := '{}';
begin
  if set_blocked.blocked is null then
    perform private.refuse('bad_request', 'The contact is neither to be blocked nor not.');
  end if;
  if person.blocked <> set_blocked.blocked then
    update public.contacts p set blocked = set_blocked.blocked where p.id = person.id;
    told := private.tell_of_contact(person.id,
      case when set_blocked.blocked then 'blocked' else 'unblocked' end, '{}');
    perform private.audit(case when set_blocked.blocked then 'contact_blocked'
      else 'contact_unblocked' end, 'contacts', person.id, '{}');
  end if;
  return private.changed_contacts(array[person.id], told);
end $$;

CREATE FUNCTION public.set_capacity(profile_id uuid, capacity integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  person public.profiles;
begin
  perform private.require_supervisor('how much somebody gets');
  if set_capacity.capacity is null or set_capacity.capacity not between 0 and 10000 then
    perform private.refuse('bad_request', 'This is no number from 0 to 10,000.',
      'Choose another one.');
  end if;
  select * into person from public.profiles p where p.id = set_capacity.profile_id
     for no key update;
  if person.id is null then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  if person.capacity <> set_capacity.capacity then
    update public.profiles p set capacity = set_capacity.capacity where p.id = person.id
    returning * into person;
    perform private.audit('capacity_set', 'profiles', person.id,
      jsonb_build_object('capacity', person.capacity));
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(person)));
end $$;

CREATE FUNCTION public.set_inbox_rules(inbox_id uuid, rules jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  stands public.inboxes;
  wanted public.inboxes;
begin
  perform private.require_supervisor('the rules of an inbox');
  select * into stands from public.inboxes i where i.id = set_inbox_rules.inbox_id
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  perform private.check_form(rules, '{"hours": "any", "routing": "boolean",
    "auto_replies_per_hour": "integer", "take_back_minutes": "integer null",
    "first_response_minutes": "integer null", "next_response_minutes": "integer null",
    "reminder_minutes": "integer null"}', 'bad_request', 'The rules of an inbox');
  begin
    wanted := jsonb_populate_record(stands, rules);
    if wanted is distinct from stands then
      update public.inboxes i
         set hours = wanted.hours, routing = wanted.routing,
             auto_replies_per_hour = wanted.auto_replies_per_hour,
             take_back_minutes = wanted.take_back_minutes,
             first_response_minutes = wanted.first_response_minutes,
             next_response_minutes = wanted.next_response_minutes,
             reminder_minutes = wanted.reminder_minutes
       where i.id = stands.id;
      perform private.audit('inbox_rules_set', 'inboxes', stands.id, rules);
    end if;
  exception when data_exception or integrity_constraint_violation then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end;
  select * into stands from public.inboxes i where i.id = stands.id;
  return jsonb_build_object('inboxes', jsonb_build_array(to_jsonb(stands)));
end $$;

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

CREATE FUNCTION public.set_member(inbox_id uuid, profile_id uuid, present boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform private.require_admin('who works in an inbox');
  if set_member.present is null then
    perform private.refuse('bad_request', 'Neither in nor out was said.');
  end if;
  if not exists (select from public.inboxes i
                  where i.id = set_member.inbox_id and not i.hidden) then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if not exists (select from public.profiles p where p.id = set_member.profile_id) then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  if set_member.present then
    insert into public.inbox_members (inbox_id, profile_id)
    values (set_member.inbox_id, set_member.profile_id)
    on conflict on constraint inbox_members_pkey do nothing;
    return jsonb_build_object('inbox_members', jsonb_build_array(jsonb_build_object(
      'inbox_id', set_member.inbox_id, 'profile_id', set_member.profile_id)));
  end if;
  delete from public.inbox_members m
   where m.inbox_id = set_member.inbox_id and m.profile_id = set_member.profile_id;
  return jsonb_build_object('deleted', jsonb_build_object('inbox_members',
    jsonb_build_array(set_member.inbox_id || ':' || set_member.profile_id)));
end $$;

CREATE FUNCTION public.set_priority(conversation_id uuid, priority text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations :=
    private.lock_my_conversation(set_priority.conversation_id);
begin
  if set_priority.priority not in ('low', 'normal', 'high', 'urgent') then
    perform private.refuse('bad_priority', 'There is no such priority.',
      'Choose low, normal, high or urgent.');
  end if;
  if thread.priority is not distinct from set_priority.priority then
    return private.changed_thread(thread.id);
  end if;
  update public.conversations c set priority = set_priority.priority where c.id = thread.id;
  return private.changed_thread(thread.id, private.tell(thread, 'priority_changed',
    jsonb_build_object('priority', set_priority.priority, 'was', thread.priority)));
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

CREATE FUNCTION public.start_conversation(id uuid, inbox_id uuid, address text DEFAULT NULL::text, contact_id uuid DEFAULT NULL::uuid, template jsonb DEFAULT NULL::jsonb, content text DEFAULT NULL::text, name text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  home public.inboxes;
  thread public.conversations;
  sent public.messages;
  called constant text := nullif(btrim(regexp_replace(coalesce(start_conversation.name, ''),
    '[[:cntrl:]\s]+', ' ', 'g')), '');
  is_template constant boolean := coalesce(jsonb_typeof(template), 'null') <> 'null';
  chosen jsonb;
  whom record;
  is_new boolean;
  told uuid;
begin
  select * into home from public.inboxes i
   where i.id = start_conversation.inbox_id and i.id in (select private.my_inboxes());
  if home.id is null then
    perform private.refuse('not_found', 'There is no such inbox, or it is not yours.',
      'Ask for access to it.');
  end if;
  if start_conversation.id is null then
    perform private.refuse('bad_id', 'The message has no id.');
  end if;
  if start_conversation.address is null and start_conversation.contact_id is null then
    perform private.refuse('bad_address', 'Nobody is named to write to.', 'Write a number.');
  end if;
  if char_length(called) > 200 then
    perform private.refuse('bad_name', 'The name is longer than 200 characters.', 'Shorten it.');
  end if;

  perform pg_advisory_xact_lock(hashtextextended('balas:start:' || start_conversation.id, 0));
  select * into sent from public.messages m where m.id = start_conversation.id;
  if sent.id is not null then
    select * into thread from public.conversations c where c.id = sent.conversation_id;
    if sent.direction <> 'outbound' or sent.sent_by is distinct from auth.uid()
       or thread.inbox_id <> home.id then
      perform private.refuse('not_allowed', 'This id belongs to another message.', 'Send it anew.');
    end if;
    return private.changed_thread(thread.id) || private.sent_messages(array[sent.id])
      || jsonb_build_object('contacts', private.contact_rows(array[thread.contact_id]));
  end if;

  whom := private.contact_to_start(home.channel, start_conversation.address,
    start_conversation.contact_id, called);
  if called is not null then
    update public.contacts p set name = called
     where p.id = whom.contact and coalesce(p.name, '') = '';
  end if;
  is_new := not exists (select from public.conversations c
                         where c.contact_id = whom.contact
                           and (c.inbox_id = home.id or c.adopted));
  thread := private.lock_my_conversation(private.conversation_for(home.id, whom.contact));
  if whom.address is not null then
    if exists (select from public.contact_addresses a
                where a.address = whom.address and a.opted_out_at is not null) then
      perform private.refuse('opted_out', 'The customer opted out.',
        'Only they can opt in again, by writing START.');
    end if;
    -- Each number has a window of its own.
    if home.channel = 'whatsapp' and not is_template and not exists (
         select from public.messages m
          where m.conversation_id = thread.id and m.direction = 'inbound'
            and m.from_number = whom.address
            and m."timestamp" > clock_timestamp() - interval '24 hours') then
      perform private.refuse('window_closed', 'More than 24 hours since the customer wrote.',
        'Send a template.');
    end if;
  end if;
  if is_template then
    chosen := private.chosen_template(template, home.id, whom.contact);
    if chosen -> 'missing' <> '[]' then
      perform private.refuse('bad_template', 'A value of the template is missing: '
        || array_to_string(array(select jsonb_array_elements_text(chosen -> 'missing')), ', ')
        || '.', 'Fill in every field.');
    end if;
    chosen := jsonb_strip_nulls(chosen) - '{text,missing}'::text[];
  end if;

  perform public.send_message(start_conversation.id, thread.id, start_conversation.content,
    '[]', null, chosen);
  if whom.address is not null then
    update public.messages m set to_number = whom.address
     where m.id = start_conversation.id and m.to_number is distinct from whom.address;
  end if;
  if is_new then
    update public.conversations c set assignee_id = auth.uid() where c.id = thread.id;
    told := private.tell(thread, 'started', jsonb_build_object('template', chosen -> 'name'));
  elsif thread.status <> 'open' then
    update public.conversations c set status = 'open', snoozed_until = null where c.id = thread.id;
    told := private.tell(thread, 'reopened',
      jsonb_build_object('by', 'agent', 'was', thread.status));
  end if;
  return private.changed_thread(thread.id, told)
    || private.sent_messages(array[start_conversation.id])
    || jsonb_build_object('contacts', private.contact_rows(array[whom.contact]));
end $$;

CREATE FUNCTION public.take(conversation_id uuid, seen uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  thread constant public.conversations := private.lock_my_conversation(take.conversation_id);
begin
  if thread.assignee_id is null or thread.assignee_id = auth.uid()
     or thread.assignee_id = take.seen
  then
    return public.assign(thread.id, auth.uid());
  end if;
  return private.changed_thread(thread.id) || '{"conflict": ["assignee_id"]}';
end $$;

CREATE FUNCTION public.unassign(conversation_id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select public.assign(unassign.conversation_id, null)
$$;

CREATE FUNCTION public.undo_merge(id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  merge private.contact_merges;
  people uuid[];
  stays public.contacts;
  before public.contacts;
  numbers text[];
  joined private.joined_threads;
  told uuid[];
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:merge:' || undo_merge.id, 0));
  select * into merge from private.contact_merges m where m.id = undo_merge.id;
  if merge.id is null or not private.may_see_contact(merge.into_id) then
    perform private.refuse('not_found', 'There is no such merge, or it is not yours.');
  end if;
  people := array[merge.into_id, merge.from_id];
  if merge.undone_at is not null then
    return private.merged_people(people, '{}');
  end if;
  perform private.lock_people(people);
  select * into stays from public.contacts p where p.id = merge.into_id;
  if stays.merged_into is not null or exists (
    select from private.contact_merges m
     where m.into_id = merge.into_id and m.merged_at > merge.merged_at and m.undone_at is null) then
    perform private.refuse('merged_since', 'This contact was merged once more since.',
      'Undo that merge first.');
  end if;

  update private.contact_merges m set undone_at = clock_timestamp(), undone_by = auth.uid()
   where m.id = merge.id;
  update public.contacts p set merged_into = null where p.id = merge.from_id;
  update public.contact_addresses a set contact_id = merge.from_id
   where a.contact_id = merge.into_id and a.id = any (merge.addresses);
  select coalesce(array_agg(a.address), '{}') into numbers
    from public.contact_addresses a where a.contact_id = merge.from_id;
  for joined in
    select j.* from private.joined_threads j where j.merge_id = merge.id order by j.joined_id
  loop
    perform private.part_threads(joined, merge, numbers);
  end loop;
  update public.conversations c set contact_id = merge.from_id
   where c.contact_id = merge.into_id
     and (c.id = any (merge.moved)
          or c.created_at > merge.merged_at
             and exists (select from public.messages m where m.conversation_id = c.id)
             and not exists (
               select from public.messages m
                where m.conversation_id = c.id
                  and coalesce(case m.direction when 'inbound' then m.from_number
                                 else m.to_number end, '') <> all (numbers)));
  perform private.part_numbers(merge.into_id, merge.from_id, merge.merged_at);
  perform private.part_numbers(merge.from_id, merge.into_id, merge.merged_at);
  before := private.part_contact(stays, merge);
  update public.contacts p
     set name = before.name, phone = before.phone, locale = before.locale, notes = before.notes,
         attributes = before.attributes, blocked = before.blocked
   where p.id = merge.into_id;
  perform private.note_contacts(people);
  told := private.tell_of_contact(merge.into_id, 'merge_undone',
      jsonb_build_object('merge_id', merge.id))
    || private.tell_of_contact(merge.from_id, 'merge_undone',
      jsonb_build_object('merge_id', merge.id));
  perform private.audit('merge_undone', 'contacts', merge.into_id,
    jsonb_build_object('merge_id', merge.id, 'from_id', merge.from_id));
  return private.merged_people(people, told);
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

CREATE TABLE private.delivery_events (
    message_id uuid NOT NULL,
    status text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    error_code integer
);

COMMENT ON TABLE private.delivery_events IS 'at: when we heard of it. One row for each status that a reply has had from the call to Twilio on; what came late and moved nothing has none.';

CREATE TABLE private.due_renewals (
    inbox_id uuid NOT NULL,
    rounds integer DEFAULT 2 NOT NULL,
    not_before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    skipped boolean DEFAULT false NOT NULL,
    after_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    after_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL
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

CREATE TABLE private.erased_folders (
    name text NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.erased_sids (
    sid text NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.erasure_parts (
    erasure_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT erasure_parts_kind_check CHECK ((kind = ANY (ARRAY['address'::text, 'sid'::text, 'folder'::text])))
);

CREATE TABLE private.feed (
    only_one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    pruned_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT feed_only_one_check CHECK (only_one)
);

CREATE TABLE private.files_to_delete (
    bucket text NOT NULL,
    path text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE private.handovers (
    id uuid NOT NULL,
    actor_id uuid NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
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

CREATE TABLE private.report_days (
    day date NOT NULL,
    inbox_id uuid NOT NULL,
    agent_id uuid,
    what text NOT NULL,
    n bigint NOT NULL
);

CREATE TABLE private.report_threads (
    conversation_id uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    answered boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE private.report_threads IS 'Since when a conversation is open, and whether it was answered.';

CREATE TABLE private.report_times (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    inbox_id uuid NOT NULL,
    agent_id uuid,
    what text NOT NULL,
    seconds double precision NOT NULL,
    CONSTRAINT report_times_what_check CHECK ((what = ANY (ARRAY['first_response'::text, 'response'::text, 'resolution'::text])))
);

COMMENT ON TABLE private.report_times IS 'response: from the first message that waits to the reply of a person. first_response: the first of them since the conversation was opened. resolution: from opened to resolved. Of the clock on the wall, nights and holidays included. agent_id: who answered or resolved it.';

ALTER TABLE private.report_times ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.report_times_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.report_volume (
    id bigint NOT NULL,
    slot timestamp with time zone NOT NULL,
    inbox_id uuid NOT NULL,
    agent_id uuid,
    what text NOT NULL,
    n bigint NOT NULL,
    folded boolean DEFAULT false NOT NULL,
    CONSTRAINT report_volume_what_check CHECK ((what = ANY (ARRAY['inbound'::text, 'outbound'::text, 'automatic'::text, 'opened'::text, 'resolved'::text])))
);

COMMENT ON TABLE private.report_volume IS 'outbound: written by an agent, once however often it is tried again. opened: begun, or taken up again after it was resolved. agent_id: who wrote or resolved it.';

ALTER TABLE private.report_volume ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.report_volume_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE private.report_zone (
    only_one boolean DEFAULT true NOT NULL,
    zone text DEFAULT 'Asia/Jakarta'::text NOT NULL,
    CONSTRAINT report_zone_only_one_check CHECK (only_one)
);

CREATE TABLE private.rounds (
    name text NOT NULL,
    due_at timestamp with time zone NOT NULL
);

CREATE TABLE private.routing_turns (
    inbox_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE private.searchable (
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    note boolean DEFAULT false NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE private.searchable IS 'One row for each message and note that has words; inbox_id only says where to look, who may see it is asked of the conversation.';

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

CREATE TABLE public.canned_replies (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    shortcut text NOT NULL,
    body text NOT NULL,
    attachments jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

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

CREATE TABLE public.erasures (
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    requested_by uuid,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    rows_at timestamp with time zone,
    finished_at timestamp with time zone,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    left_over text[] DEFAULT '{}'::text[] NOT NULL,
    trouble text,
    CONSTRAINT erasures_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'erasing'::text, 'done'::text, 'incomplete'::text])))
);

COMMENT ON TABLE public.erasures IS 'Receipts: that, when and by whom a person was erased; not who.';

COMMENT ON COLUMN public.erasures.rows_at IS 'Since when nothing of the person is in the database.';

COMMENT ON COLUMN public.erasures.left_over IS 'SIDs of messages whose text Twilio would not empty within a week; asking again tries them anew.';

COMMENT ON COLUMN public.erasures.trouble IS 'What is in the way just now, in words.';

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
    capacity integer DEFAULT 30 NOT NULL,
    absent_since timestamp with time zone,
    CONSTRAINT balas_profiles_role CHECK ((role = ANY (ARRAY['agent'::text, 'supervisor'::text, 'admin'::text]))),
    CONSTRAINT profiles_capacity_check CHECK (((capacity >= 0) AND (capacity <= 10000)))
);

COMMENT ON COLUMN public.profiles.capacity IS 'So many open conversations this person has at most by routing.';

COMMENT ON COLUMN public.profiles.absent_since IS 'Kept: since when somebody who was there is away; null for who is there or never was.';

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

ALTER TABLE ONLY private.adoption
    ADD CONSTRAINT adoption_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.bells_due
    ADD CONSTRAINT bells_due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.bells
    ADD CONSTRAINT bells_pkey PRIMARY KEY (topic);

ALTER TABLE ONLY private.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY private.contact_merges
    ADD CONSTRAINT contact_merges_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name, label);

ALTER TABLE ONLY private.delivery_events
    ADD CONSTRAINT delivery_events_pkey PRIMARY KEY (message_id, status);

ALTER TABLE ONLY private.due_renewals
    ADD CONSTRAINT due_renewals_pkey PRIMARY KEY (inbox_id);

ALTER TABLE ONLY private.early_statuses
    ADD CONSTRAINT early_statuses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.erased_folders
    ADD CONSTRAINT erased_folders_pkey PRIMARY KEY (name);

ALTER TABLE ONLY private.erased_sids
    ADD CONSTRAINT erased_sids_pkey PRIMARY KEY (sid);

ALTER TABLE ONLY private.erasure_parts
    ADD CONSTRAINT erasure_parts_pkey PRIMARY KEY (erasure_id, kind, name);

ALTER TABLE ONLY private.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY private.files_to_delete
    ADD CONSTRAINT files_to_delete_pkey PRIMARY KEY (bucket, path);

ALTER TABLE ONLY private.handovers
    ADD CONSTRAINT handovers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.joined_threads
    ADD CONSTRAINT joined_threads_pkey PRIMARY KEY (merge_id, joined_id);

ALTER TABLE ONLY private.media_tries
    ADD CONSTRAINT media_tries_pkey PRIMARY KEY (message_id, index);

ALTER TABLE ONLY private.pair_pace
    ADD CONSTRAINT pair_pace_pkey PRIMARY KEY (sender, recipient);

ALTER TABLE ONLY private.report_threads
    ADD CONSTRAINT report_threads_pkey PRIMARY KEY (conversation_id);

ALTER TABLE ONLY private.report_times
    ADD CONSTRAINT report_times_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.report_volume
    ADD CONSTRAINT report_volume_pkey PRIMARY KEY (id);

ALTER TABLE ONLY private.report_zone
    ADD CONSTRAINT report_zone_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY private.rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (name);

ALTER TABLE ONLY private.routing_turns
    ADD CONSTRAINT routing_turns_pkey PRIMARY KEY (inbox_id, profile_id);

ALTER TABLE ONLY private.searchable_contacts
    ADD CONSTRAINT searchable_contacts_pkey PRIMARY KEY (contact_id);

ALTER TABLE ONLY private.searchable
    ADD CONSTRAINT searchable_pkey PRIMARY KEY (id);

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

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);

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

CREATE INDEX contact_merges_from ON private.contact_merges USING btree (from_id);

CREATE INDEX contact_merges_into ON private.contact_merges USING btree (into_id, merged_at DESC);

CREATE INDEX early_statuses_sid ON private.early_statuses USING btree (sid);

CREATE INDEX handovers_created ON private.handovers USING btree (created_at);

CREATE INDEX joined_threads_joined ON private.joined_threads USING btree (joined_id);

CREATE INDEX joined_threads_thread ON private.joined_threads USING btree (thread_id);

CREATE UNIQUE INDEX report_days_key ON private.report_days USING btree (day, inbox_id, agent_id, what) INCLUDE (n) NULLS NOT DISTINCT;

CREATE INDEX report_times_agent ON private.report_times USING btree (agent_id, what, at) INCLUDE (inbox_id, seconds);

CREATE INDEX report_times_at ON private.report_times USING btree (what, at) INCLUDE (inbox_id, agent_id, seconds);

CREATE INDEX report_volume_loose ON private.report_volume USING btree (slot) WHERE (NOT folded);

CREATE INDEX report_volume_slot ON private.report_volume USING btree (slot) INCLUDE (inbox_id, agent_id, what, n);

CREATE INDEX routing_turns_profile ON private.routing_turns USING btree (profile_id);

CREATE INDEX searchable_at ON private.searchable USING btree (at DESC, id DESC);

CREATE INDEX searchable_contacts_name ON private.searchable_contacts USING btree (name_key, contact_id);

CREATE INDEX searchable_contacts_words ON private.searchable_contacts USING gin (words) WITH (fastupdate='on', gin_pending_list_limit='256');

CREATE INDEX searchable_conversation ON private.searchable USING btree (conversation_id, at DESC, id DESC);

CREATE INDEX searchable_words ON private.searchable USING gin (words, private.spans_of(at)) WITH (fastupdate='on', gin_pending_list_limit='256');

CREATE INDEX sweep_fills_inbox ON private.sweep_fills USING btree (inbox_id, filled_at DESC);

CREATE INDEX sweep_fills_message ON private.sweep_fills USING btree (message_id);

CREATE INDEX webhook_requests_loose ON private.webhook_requests USING btree (received_at) WHERE (message_id IS NULL);

CREATE INDEX webhook_requests_message ON private.webhook_requests USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX webhook_requests_received ON private.webhook_requests USING btree (received_at);

CREATE INDEX audit_log_at ON public.audit_log USING btree (at DESC);

CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject_type, subject_id, at DESC);

CREATE INDEX auto_replies_inbox ON public.auto_replies USING btree (inbox_id);

CREATE INDEX contact_addresses_contact ON public.contact_addresses USING btree (contact_id);

CREATE INDEX contacts_merged_into ON public.contacts USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX contacts_phone ON public.contacts USING btree (phone) WHERE (phone IS NOT NULL);

CREATE INDEX conversation_labels_label ON public.conversation_labels USING btree (label_id);

CREATE INDEX conversations_activity ON public.conversations USING btree (inbox_id, COALESCE(last_message_at, created_at) DESC, id DESC);

CREATE INDEX conversations_assignee ON public.conversations USING btree (assignee_id, status) WHERE (assignee_id IS NOT NULL);

CREATE INDEX conversations_contact ON public.conversations USING btree (contact_id);

CREATE INDEX conversations_due ON public.conversations USING btree (COALESCE(first_response_due_at, next_response_due_at)) WHERE ((overdue_since IS NULL) AND (COALESCE(first_response_due_at, next_response_due_at) IS NOT NULL));

CREATE INDEX conversations_joined_to ON public.conversations USING btree (joined_to) WHERE (joined_to IS NOT NULL);

CREATE UNIQUE INDEX conversations_one_thread ON public.conversations USING btree (inbox_id, contact_id) WHERE (NOT adopted);

CREATE INDEX conversations_queue ON public.conversations USING btree (inbox_id, (
CASE priority
    WHEN 'urgent'::text THEN 0
    WHEN 'high'::text THEN 1
    WHEN 'low'::text THEN 3
    ELSE 2
END), waiting_since) WHERE ((status = 'open'::text) AND (assignee_id IS NULL) AND (waiting_since IS NOT NULL));

CREATE INDEX conversations_snoozed ON public.conversations USING btree (snoozed_until) WHERE (status = 'snoozed'::text);

CREATE INDEX conversations_unresolved ON public.conversations USING btree (inbox_id, COALESCE(last_message_at, created_at) DESC, id DESC) WHERE (status <> 'resolved'::text);

CREATE INDEX conversations_waiting ON public.conversations USING btree (inbox_id, waiting_since) WHERE (waiting_since IS NOT NULL);

CREATE INDEX conversations_window ON public.conversations USING btree (inbox_id, last_inbound_at) WHERE (waiting_since IS NOT NULL);

CREATE INDEX delivery_attempts_message ON public.delivery_attempts USING btree (message_id, started_at);

CREATE INDEX delivery_attempts_open ON public.delivery_attempts USING btree (started_at) WHERE (outcome = ANY (ARRAY['calling'::text, 'uncertain'::text]));

CREATE INDEX drafts_profile ON public.drafts USING btree (profile_id);

CREATE INDEX erasures_at ON public.erasures USING btree (requested_at DESC, id DESC);

CREATE UNIQUE INDEX erasures_one_at_a_time ON public.erasures USING btree (contact_id) WHERE (state <> 'done'::text);

CREATE INDEX erasures_open ON public.erasures USING btree (requested_at) WHERE (state = ANY (ARRAY['waiting'::text, 'erasing'::text]));

CREATE INDEX events_actor ON public.events USING btree (actor_id);

CREATE INDEX events_conversation ON public.events USING btree (conversation_id, created_at DESC);

CREATE INDEX events_created ON public.events USING brin (created_at);

CREATE INDEX idx_messages_conversation_timestamp ON public.messages USING btree (conversation_id, "timestamp" DESC);

CREATE INDEX idx_messages_direction_timestamp ON public.messages USING btree (direction, "timestamp" DESC);

CREATE INDEX inbox_members_profile ON public.inbox_members USING btree (profile_id);

CREATE UNIQUE INDEX inboxes_one_adopted ON public.inboxes USING btree (adopted) WHERE adopted;

CREATE UNIQUE INDEX inboxes_one_hidden ON public.inboxes USING btree (hidden) WHERE hidden;

CREATE INDEX messages_automatic ON public.messages USING btree (conversation_id, "timestamp" DESC) WHERE automatic;

CREATE INDEX messages_from_number ON public.messages USING btree (from_number, "timestamp");

CREATE INDEX messages_media_pending ON public.messages USING btree ("timestamp") WHERE (media @> '[{"state": "pending"}]'::jsonb);

CREATE INDEX messages_media_stored ON public.messages USING btree ("timestamp") WHERE (media @> '[{"state": "stored"}]'::jsonb);

CREATE INDEX messages_on_the_way ON public.messages USING btree (status, "timestamp") WHERE (status = ANY (ARRAY['scheduled'::text, 'queued'::text, 'sending'::text, 'uncertain'::text, 'accepted'::text, 'sent'::text]));

CREATE INDEX messages_reply_to ON public.messages USING btree (reply_to) WHERE (reply_to IS NOT NULL);

CREATE INDEX messages_retry_of ON public.messages USING btree (((metadata ->> 'retry_of'::text))) WHERE (metadata ? 'retry_of'::text);

CREATE INDEX messages_scheduled ON public.messages USING btree (scheduled_at) WHERE (status = 'scheduled'::text);

CREATE INDEX messages_sent_by ON public.messages USING btree (sent_by) WHERE (sent_by IS NOT NULL);

CREATE INDEX messages_to_number ON public.messages USING btree (to_number, "timestamp");

CREATE INDEX messages_to_send ON public.messages USING btree (conversation_id, "timestamp", id) WHERE ((direction = 'outbound'::text) AND (status = ANY (ARRAY['queued'::text, 'sending'::text])));

CREATE INDEX notes_author ON public.notes USING btree (author_id);

CREATE INDEX notes_conversation ON public.notes USING btree (conversation_id, created_at DESC);

CREATE INDEX notes_created ON public.notes USING brin (created_at);

CREATE INDEX reads_profile ON public.reads USING btree (profile_id);

CREATE TRIGGER balas_keep_folder AFTER INSERT ON private.erasure_parts FOR EACH ROW WHEN ((new.kind = 'folder'::text)) EXECUTE FUNCTION private.keep_folder();

CREATE CONSTRAINT TRIGGER ring AFTER INSERT ON private.changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.ring();

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION private.refuse_change();

CREATE TRIGGER balas_absence BEFORE UPDATE OF available, active ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.keep_absence();

CREATE TRIGGER balas_audit_added AFTER INSERT OR DELETE ON public.auto_replies FOR EACH ROW EXECUTE FUNCTION private.audit_change('others', 'id', 'inbox_id', 'kind', 'keyword', 'body', 'enabled');

CREATE TRIGGER balas_audit_added AFTER INSERT OR DELETE ON public.inbox_members FOR EACH ROW EXECUTE FUNCTION private.audit_change('all', 'inbox_id', 'profile_id');

CREATE TRIGGER balas_audit_added AFTER INSERT OR DELETE ON public.inboxes FOR EACH ROW EXECUTE FUNCTION private.audit_change('others', 'id', 'name', 'channel', 'address', 'messaging_service_sid', 'hours', 'greeting', 'flagged', 'routing', 'auto_replies_per_hour', 'take_back_minutes', 'first_response_minutes', 'next_response_minutes', 'reminder_minutes', 'messages_per_second', 'replies_per_half_minute');

CREATE TRIGGER balas_audit_added AFTER INSERT OR DELETE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.audit_change('all', 'id', 'role', 'active');

CREATE TRIGGER balas_audit_added AFTER INSERT OR DELETE ON public.settings FOR EACH ROW EXECUTE FUNCTION private.audit_change('all', 'key', 'value');

CREATE TRIGGER balas_audit_changed AFTER UPDATE ON public.auto_replies FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION private.audit_change('others', 'id', 'inbox_id', 'kind', 'keyword', 'body', 'enabled');

CREATE TRIGGER balas_audit_changed AFTER UPDATE ON public.inbox_members FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION private.audit_change('all', 'inbox_id', 'profile_id');

CREATE TRIGGER balas_audit_changed AFTER UPDATE ON public.inboxes FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION private.audit_change('others', 'id', 'name', 'channel', 'address', 'messaging_service_sid', 'hours', 'greeting', 'flagged', 'routing', 'auto_replies_per_hour', 'take_back_minutes', 'first_response_minutes', 'next_response_minutes', 'reminder_minutes', 'messages_per_second', 'replies_per_half_minute');

CREATE TRIGGER balas_audit_changed AFTER UPDATE ON public.profiles FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION private.audit_change('all', 'id', 'role', 'active');

CREATE TRIGGER balas_audit_changed AFTER UPDATE ON public.settings FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION private.audit_change('all', 'key', 'value');

CREATE TRIGGER balas_blocked AFTER UPDATE ON public.contacts FOR EACH ROW WHEN ((new.blocked AND (NOT old.blocked))) EXECUTE FUNCTION private.stop_waiting();

CREATE TRIGGER balas_blocked BEFORE UPDATE ON public.conversations FOR EACH ROW WHEN (((new.last_inbound_at IS DISTINCT FROM old.last_inbound_at) AND ((new.status <> old.status) OR (new.waiting_since IS DISTINCT FROM old.waiting_since)))) EXECUTE FUNCTION private.keep_blocked();

CREATE TRIGGER balas_blocked BEFORE INSERT ON public.events FOR EACH ROW WHEN (((new.kind = 'reopened'::text) AND ((new.data ->> 'by'::text) = 'customer'::text))) EXECUTE FUNCTION private.skip_reopened();

CREATE TRIGGER balas_count AFTER UPDATE OF outcome ON public.delivery_attempts FOR EACH ROW WHEN ((old.outcome IS DISTINCT FROM new.outcome)) EXECUTE FUNCTION private.count_attempt();

CREATE TRIGGER balas_delivery AFTER UPDATE OF status ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND (old.status IS DISTINCT FROM new.status) AND (new.status <> ALL (ARRAY['scheduled'::text, 'queued'::text, 'sending'::text])))) EXECUTE FUNCTION private.note_delivery();

CREATE TRIGGER balas_due_insert BEFORE INSERT ON public.conversations FOR EACH ROW WHEN ((new.waiting_since IS NOT NULL)) EXECUTE FUNCTION private.keep_due();

CREATE TRIGGER balas_due_rules AFTER UPDATE ON public.inboxes FOR EACH ROW WHEN ((((old.hours IS DISTINCT FROM new.hours) OR (old.first_response_minutes IS DISTINCT FROM new.first_response_minutes)) OR (old.next_response_minutes IS DISTINCT FROM new.next_response_minutes))) EXECUTE FUNCTION private.note_due_rules();

CREATE TRIGGER balas_due_update BEFORE UPDATE ON public.conversations FOR EACH ROW WHEN ((old.waiting_since IS DISTINCT FROM new.waiting_since)) EXECUTE FUNCTION private.keep_due();

CREATE TRIGGER balas_erased BEFORE INSERT ON public.messages FOR EACH ROW WHEN ((new.message_sid IS NOT NULL)) EXECUTE FUNCTION private.skip_erased();

CREATE TRIGGER balas_has_rules AFTER INSERT OR DELETE OR UPDATE ON public.auto_replies FOR EACH ROW EXECUTE FUNCTION private.keep_has_rules();

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

CREATE TRIGGER balas_note_inbox_delete AFTER DELETE ON public.auto_replies REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

CREATE TRIGGER balas_note_inbox_delete AFTER DELETE ON public.inbox_members REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

CREATE TRIGGER balas_note_inbox_insert AFTER INSERT ON public.auto_replies REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

CREATE TRIGGER balas_note_inbox_insert AFTER INSERT ON public.inbox_members REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

CREATE TRIGGER balas_note_inbox_update AFTER UPDATE ON public.auto_replies REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

CREATE TRIGGER balas_note_inbox_update AFTER UPDATE ON public.inbox_members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_of_inbox();

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

CREATE TRIGGER balas_opt_out_insert AFTER INSERT ON public.messages FOR EACH ROW WHEN (((new.error_code = 21610) AND (new.direction = 'outbound'::text))) EXECUTE FUNCTION private.note_opt_out();

CREATE TRIGGER balas_opt_out_update AFTER UPDATE OF error_code ON public.messages FOR EACH ROW WHEN (((new.error_code = 21610) AND (new.direction = 'outbound'::text) AND (old.error_code IS DISTINCT FROM new.error_code))) EXECUTE FUNCTION private.note_opt_out();

CREATE TRIGGER balas_people_delete AFTER DELETE ON public.contact_addresses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('contact_id');

CREATE TRIGGER balas_people_delete AFTER DELETE ON public.contacts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('id');

CREATE TRIGGER balas_people_delete AFTER DELETE ON public.conversations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('contact_id');

CREATE TRIGGER balas_people_insert AFTER INSERT ON public.contact_addresses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('contact_id');

CREATE TRIGGER balas_people_insert AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('id');

CREATE TRIGGER balas_people_insert AFTER INSERT ON public.conversations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_contact_search('contact_id');

CREATE TRIGGER balas_people_update AFTER UPDATE ON public.contact_addresses FOR EACH ROW WHEN (((old.contact_id IS DISTINCT FROM new.contact_id) OR (old.address IS DISTINCT FROM new.address))) EXECUTE FUNCTION private.note_contact_change('contact_id');

CREATE TRIGGER balas_people_update AFTER UPDATE ON public.contacts FOR EACH ROW WHEN ((((old.name IS DISTINCT FROM new.name) OR (old.phone IS DISTINCT FROM new.phone)) OR (old.merged_into IS DISTINCT FROM new.merged_into))) EXECUTE FUNCTION private.note_contact_change('id');

CREATE TRIGGER balas_people_update AFTER UPDATE ON public.conversations FOR EACH ROW WHEN (((old.contact_id IS DISTINCT FROM new.contact_id) OR (old.inbox_id IS DISTINCT FROM new.inbox_id))) EXECUTE FUNCTION private.note_contact_change('contact_id');

CREATE TRIGGER balas_report_due AFTER UPDATE ON public.messages FOR EACH ROW WHEN (((old.status = 'scheduled'::text) AND (new.status = ANY (ARRAY['queued'::text, 'sending'::text])))) EXECUTE FUNCTION private.report_due_message();

CREATE TRIGGER balas_report_insert AFTER INSERT ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.report_conversation();

CREATE TRIGGER balas_report_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.report_messages();

CREATE TRIGGER balas_report_update AFTER UPDATE ON public.conversations FOR EACH ROW WHEN (((old.status <> new.status) OR ((old.waiting_since IS NOT NULL) AND (new.waiting_since IS NULL)))) EXECUTE FUNCTION private.report_conversation();

CREATE TRIGGER balas_rules BEFORE INSERT OR UPDATE OF routing, hours, has_rules ON public.inboxes FOR EACH ROW EXECUTE FUNCTION private.keep_inbox_rules();

CREATE TRIGGER balas_search_delete AFTER DELETE ON public.messages REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_searchable();

CREATE TRIGGER balas_search_delete AFTER DELETE ON public.notes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_searchable();

CREATE TRIGGER balas_search_hold BEFORE UPDATE ON public.conversations FOR EACH ROW WHEN ((old.inbox_id IS DISTINCT FROM new.inbox_id)) EXECUTE FUNCTION private.hold_moving();

CREATE TRIGGER balas_search_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_searchable();

CREATE TRIGGER balas_search_insert AFTER INSERT ON public.notes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.note_searchable();

CREATE TRIGGER balas_search_move AFTER UPDATE ON public.conversations FOR EACH ROW WHEN ((old.inbox_id IS DISTINCT FROM new.inbox_id)) EXECUTE FUNCTION private.move_searchable();

CREATE TRIGGER balas_search_update AFTER UPDATE ON public.messages FOR EACH ROW WHEN ((((((old.content IS DISTINCT FROM new.content) OR (old.media IS DISTINCT FROM new.media)) OR ((old.metadata -> 'location'::text) IS DISTINCT FROM (new.metadata -> 'location'::text))) OR (old.conversation_id IS DISTINCT FROM new.conversation_id)) OR (old."timestamp" IS DISTINCT FROM new."timestamp"))) EXECUTE FUNCTION private.renew_searchable();

CREATE TRIGGER balas_search_update AFTER UPDATE ON public.notes FOR EACH ROW WHEN (((old.body IS DISTINCT FROM new.body) OR (old.conversation_id IS DISTINCT FROM new.conversation_id))) EXECUTE FUNCTION private.renew_searchable();

CREATE TRIGGER balas_segments_insert BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND (new.to_number ~ '^\+'::text))) EXECUTE FUNCTION private.count_segments();

CREATE TRIGGER balas_segments_update BEFORE UPDATE OF content, media ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND (new.to_number ~ '^\+'::text) AND ((new.content IS DISTINCT FROM old.content) OR (new.media IS DISTINCT FROM old.media)))) EXECUTE FUNCTION private.count_segments();

CREATE TRIGGER balas_tally AFTER INSERT OR DELETE ON public.conversation_labels FOR EACH ROW EXECUTE FUNCTION private.tally_label();

CREATE TRIGGER balas_tally_delete BEFORE DELETE ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_tally_insert AFTER INSERT ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_tally_update AFTER UPDATE ON public.conversations FOR EACH ROW WHEN ((((old.inbox_id IS DISTINCT FROM new.inbox_id) OR (old.status IS DISTINCT FROM new.status)) OR (old.assignee_id IS DISTINCT FROM new.assignee_id))) EXECUTE FUNCTION private.tally_conversation();

CREATE TRIGGER balas_tell_opt_out AFTER UPDATE OF opted_out_at ON public.contact_addresses FOR EACH ROW WHEN (((old.opted_out_at IS NULL) <> (new.opted_out_at IS NULL))) EXECUTE FUNCTION private.tell_opt_out();

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

ALTER TABLE ONLY private.contact_merges
    ADD CONSTRAINT contact_merges_from_id_fkey FOREIGN KEY (from_id) REFERENCES public.contacts(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.contact_merges
    ADD CONSTRAINT contact_merges_into_id_fkey FOREIGN KEY (into_id) REFERENCES public.contacts(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.delivery_events
    ADD CONSTRAINT delivery_events_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.due_renewals
    ADD CONSTRAINT due_renewals_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.erasure_parts
    ADD CONSTRAINT erasure_parts_erasure_id_fkey FOREIGN KEY (erasure_id) REFERENCES public.erasures(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.joined_threads
    ADD CONSTRAINT joined_threads_joined_id_fkey FOREIGN KEY (joined_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.joined_threads
    ADD CONSTRAINT joined_threads_merge_id_fkey FOREIGN KEY (merge_id) REFERENCES private.contact_merges(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.joined_threads
    ADD CONSTRAINT joined_threads_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.media_tries
    ADD CONSTRAINT media_tries_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.report_threads
    ADD CONSTRAINT report_threads_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.routing_turns
    ADD CONSTRAINT routing_turns_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.routing_turns
    ADD CONSTRAINT routing_turns_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.status_polls
    ADD CONSTRAINT status_polls_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY private.sweep_fills
    ADD CONSTRAINT sweep_fills_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.auto_replies
    ADD CONSTRAINT auto_replies_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES public.inboxes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contact_addresses
    ADD CONSTRAINT contact_addresses_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contacts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES public.contacts(id) ON DELETE CASCADE;

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

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_joined_to_fkey FOREIGN KEY (joined_to) REFERENCES public.conversations(id) ON DELETE CASCADE;

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

ALTER TABLE private.contact_merges ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.counters ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.delivery_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.due_renewals ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.early_statuses ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.erased_folders ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.erased_sids ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.erasure_parts ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.files_to_delete ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.joined_threads ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.media_tries ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.pair_pace ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.rounds ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.routing_turns ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.searchable_contacts ENABLE ROW LEVEL SECURITY;

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

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

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

CREATE POLICY read_as_supervisor ON public.erasures FOR SELECT TO authenticated USING (( SELECT private.is_supervisor() AS is_supervisor));

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

REVOKE ALL ON FUNCTION private.address_of(typed text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.addresses_of(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.adopt_addresses(from_table text, from_column text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.adopt_late_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.advance_message(message_id uuid, report jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.conversations TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO service_role;

GRANT SELECT ON TABLE public.inboxes TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inboxes TO service_role;

GRANT SELECT ON TABLE public.messages TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO service_role;

REVOKE ALL ON FUNCTION private.answer_by_rules(message public.messages, thread public.conversations, inbox public.inboxes) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.apply_status(report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.apply_statuses(batch jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.audit(action text, subject_type text, subject uuid, data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.audit_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.began_at(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.begin_call(attempt_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.change_addresses(contact uuid, added text[], removed text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.change_conversations(conversation_ids uuid[], act text, arguments jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.changed_attributes(before jsonb, change jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.changed_contacts(contacts uuid[], told uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.changed_thread(conversation uuid, event uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_form(given jsonb, form jsonb, code text, what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_hours(hours jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_names(given jsonb, known text[], code text, what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_send_at(thread public.conversations, at timestamp with time zone, is_template boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.check_template(template jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checked_canned_files(files jsonb, reply uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.checked_files(files jsonb, conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.chosen_template(template jsonb, inbox uuid, contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_message(message_id uuid, worker text, attempt_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.claim_messages(wanted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.closed_since(hours jsonb, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.contact_for(addresses text[], channel text, phone text, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.contact_rows(contacts uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.contact_to_start(channel text, typed text, named uuid, called text, OUT contact uuid, OUT address text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.contact_words(contacts uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.conversation_for(inbox uuid, contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_attempt() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_erased(erasure uuid, more jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.count_segments() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.day_begins(day date, zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.drain_together(batch jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.due_at(inbox public.inboxes, since timestamp with time zone, answered boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.due_polls(most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.end_jobs(ended jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue(task text, args jsonb, lock text, queueing_lock text, queue text, priority integer, scheduled_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enqueue_erasure(erasure uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.enrich_swept(message uuid, request jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erase_from_audit(subjects text[], addresses text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erase_mentions(people uuid[], threads uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erase_rows(erasure uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erase_traces(messages uuid[], threads uuid[], addresses text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_done(erasure uuid, kind text, names text[], counted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_due(erasure uuid, kind text, most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_failed(erasure uuid, kind text, name text, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_files(erasure uuid, most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_finish(erasure uuid, patience interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.erasure_listed(erasure uuid, listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.exported_contacts(inbox uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.feed_page(base pg_snapshot, target pg_snapshot, below_xid xid8, below_seq bigint, size integer, mine uuid[], me uuid, staff boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.feed_rows(wanted jsonb, mine uuid[], me uuid, staff boolean, frame jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.feed_snapshot(mine uuid[], me uuid, staff boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fetch_jobs(worker bigint, known bigint[], most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.files_due(most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.files_gone(bucket text, paths text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_numbers(message_sid text, from_number text, to_number text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_past(fill jsonb, budget integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_stage(fill jsonb, stage text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_step(fill jsonb, budget integer, me uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fill_threads(fill jsonb, many integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.filled_template(body text, variables jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.filled_text(body text, vals jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.filled_words(body text, words jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.templates TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.templates TO service_role;

REVOKE ALL ON FUNCTION private.fitting_template(wanted text, languages text[], channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_reports() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_reports_when_due(lines integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.fold_tallies() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.folded(content text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.free_members(inbox uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.gathered(answers jsonb[], kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_address(conversation uuid, given text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_turn_back(sender text, recipient text, hold double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.give_up_files(gone uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.guard_role() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.half_minute() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.has_job(lock text, task text, message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.hidden_inbox() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.hold_moving() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.hours_on(hours jsonb, day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ids(wanted jsonb, kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.import_contact(item jsonb, overwrite boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.import_contacts(batch jsonb, overwrite boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.inbox_for(address text, service_sid text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ingest(request jsonb, body bytea, headers jsonb, flagged text, path text, written_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ingest_together(batch jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.delivery_attempts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.delivery_attempts TO service_role;

REVOKE ALL ON FUNCTION private.is_abandoned(attempt public.delivery_attempts) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_admin() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_admin() TO service_role;
GRANT ALL ON FUNCTION private.is_admin() TO authenticated;

REVOKE ALL ON FUNCTION private.is_blocked(contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_open(hours jsonb, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.is_staff() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_staff() TO service_role;
GRANT ALL ON FUNCTION private.is_staff() TO authenticated;

REVOKE ALL ON FUNCTION private.is_supervisor() FROM PUBLIC;
GRANT ALL ON FUNCTION private.is_supervisor() TO authenticated;
GRANT ALL ON FUNCTION private.is_supervisor() TO service_role;

REVOKE ALL ON FUNCTION private.join_reads(thread uuid, joined uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.join_threads(merge uuid, joined public.conversations, thread public.conversations) FROM PUBLIC;

GRANT SELECT ON TABLE public.contacts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contacts TO service_role;

REVOKE ALL ON FUNCTION private.joined_contact(stays public.contacts, other public.contacts) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_absence() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_blocked() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_due() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_folder() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_has_rules() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keep_inbox_rules() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.keyword_length(keyword text, said text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.kick_erasures() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.kick_queued(older_than interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.known_words(inbox uuid, contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.late_moment(conversation uuid, written_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lately(sent_at timestamp with time zone[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lease() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_contact(contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_my_contact(contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_my_conversation(conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_people(people uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.lock_scheduled(message uuid, canceled boolean, OUT thread public.conversations, OUT ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_see(person uuid, inbox uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_see_contact(contact uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.may_see_files(folder text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.may_see_files(folder text) TO authenticated;
GRANT ALL ON FUNCTION private.may_see_files(folder text) TO service_role;

REVOKE ALL ON FUNCTION private.may_send(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.media_tried(message_id uuid, index integer, code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.merge_wanted(one jsonb, other jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.merged_people(people uuid[], told uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.move_searchable() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.my_inboxes() FROM PUBLIC;
GRANT ALL ON FUNCTION private.my_inboxes() TO service_role;
GRANT ALL ON FUNCTION private.my_inboxes() TO authenticated;

REVOKE ALL ON FUNCTION private.name_of(person uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.needle(address text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.next_member(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.next_moment(conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.normal_address(value text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.not_found(wanted jsonb, kind text, present text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contact() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contact_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contact_search() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_contacts(contacts uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_conversations() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_delivery() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_due_rules() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_for_queue(message_id uuid, report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_members() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_messages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_of_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_of_inbox() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_opt_out() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_own() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_poll(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_retention(counts jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_searchable() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.note_shared() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.number_ends(address text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.number_of(contact uuid, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_audit() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.open_minutes_after(hours jsonb, at timestamp with time zone, minutes integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.opens_at(hours jsonb, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.otherwise_now(stands jsonb, seen jsonb, wanted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.our_inbox(address text, service_sid text, channel text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_contact(stays public.contacts, merge private.contact_merges) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_numbers(owner uuid, other uuid, since timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_thread(thread uuid, was jsonb, since timestamp with time zone, resolved boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.part_threads(joined private.joined_threads, merge private.contact_merges, numbers text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.pause_triggers(ours_too boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.people_query(query text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.plain_words(said text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_due() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_failed(code integer, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.probe_soon() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_changes(keep interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_daily() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.prune_sending() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.queue_again(attempt_id uuid, message_id uuid, outcome jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.queue_messages(thread public.conversations, parts jsonb, sender text, recipient text, answered uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.read_cursor(cursor text, me uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.receipt(erasure uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_accepted(ended jsonb[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_media(message_id uuid, index integer, element jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_outcome(attempt_id uuid, outcome jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.record_outcomes(ended jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.recount_report_days(zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.recount_reports() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.recount_tallies() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refill_contact_search() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refill_search(conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse(code text, sentence text, fix text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.release_abandoned(in_conversation uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.release_scheduled() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.remind_windows() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.renew_contact_search(contacts uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.renew_due() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.renew_feed() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.renew_searchable() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.repeat_round(name text, pause interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.replay_erasures(receipts jsonb, sids text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.report_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.report_due_message() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.report_entry(counts boolean, wanted text[], volume jsonb, spans jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.report_messages() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.report_spans(grouping_by text, wanted text[], starts timestamp with time zone, ends timestamp with time zone, inboxes uuid[], who uuid, zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_admin(what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.require_supervisor(what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.resume_triggers(resume text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.retain(kind text, most integer, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.retention() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.retention_edge(kind text, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ring() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.ring_due_bells() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.route(thread public.conversations, is_template boolean, OUT channel text, OUT sender text, OUT recipient text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.route_conversation(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.route_waiting() FROM PUBLIC;

GRANT SELECT ON TABLE public.auto_replies TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auto_replies TO service_role;

REVOKE ALL ON FUNCTION private.rule_for(message public.messages, thread public.conversations, inbox public.inboxes) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.rule_values(thread public.conversations, inbox public.inboxes) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.rule_variables() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.run_rules(message_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.save_unless_changed(act text, arguments jsonb, seen jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.search_query(query text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.search_start(query text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.send_bell(topic text, conversations text[], messages text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.send_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sent_messages(ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.service_health() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.service_metrics() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sha1(data bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.shared_wanted() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.skip_erased() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.skip_reopened() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.slot_of(moment timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sms_segments(content text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.spans_of(at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.spoke_since(conversation uuid, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.start_fill(inboxes uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.status_rank(status text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stop_pause(failures integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stop_sending(code integer, words text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stop_waiting() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.stops_sending(code integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.store_templates(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sum_tally() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_begin(who uuid, settle interval, step interval, lease interval, overlap interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_compare(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_end(who uuid, trouble text) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_health() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_hold(who uuid, lease interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_missing(listed jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_outbound(listed jsonb, report jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_reached(who uuid, until timestamp with time zone, pages integer, listed integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.sweep_unsure_again() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_back() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_round(name text, every interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_turn(sender text, recipient text, per_second integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.take_up_again(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tally_conversation() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tally_label() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell(thread public.conversations, kind text, data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_of_contact(contact uuid, kind text, data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_opt_out() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.tell_overdue() FROM PUBLIC;

REVOKE ALL ON FUNCTION private.text_of(content text, media jsonb, metadata jsonb) FROM PUBLIC;

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

REVOKE ALL ON FUNCTION private.was_answered(thread public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.words_of(content text, inbox uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.write_cursor(state jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION private.yield_turn(message_id uuid, conversation uuid, always boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.add_note(id uuid, conversation_id uuid, body text, mentions uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_note(id uuid, conversation_id uuid, body text, mentions uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.administration() FROM PUBLIC;
GRANT ALL ON FUNCTION public.administration() TO authenticated;

REVOKE ALL ON FUNCTION public.assign(conversation_id uuid, assignee_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.assign(conversation_id uuid, assignee_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.audit(before bigint, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit(before bigint, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION public.cancel_scheduled(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_scheduled(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.change_conversations(conversation_ids uuid[], act text, arguments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.change_conversations(conversation_ids uuid[], act text, arguments jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.completeness() FROM PUBLIC;
GRANT ALL ON FUNCTION public.completeness() TO authenticated;
GRANT ALL ON FUNCTION public.completeness() TO service_role;

REVOKE ALL ON FUNCTION public.counters(inbox_id uuid, label_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.counters(inbox_id uuid, label_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.delete_auto_reply(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_auto_reply(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.delete_canned_reply(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_canned_reply(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.delete_label(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_label(id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.edit_contact(contact_id uuid, changes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.edit_contact(contact_id uuid, changes jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.erase_contact(id uuid, contact_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_contact(id uuid, contact_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.handover(id uuid, assignee_id uuid, summary text, from_id uuid, snoozed boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.handover(id uuid, assignee_id uuid, summary text, from_id uuid, snoozed boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.mark_read(conversation_id uuid, message_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_read(conversation_id uuid, message_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.mark_unread(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_unread(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.merge_contacts(id uuid, into_id uuid, from_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.merge_contacts(id uuid, into_id uuid, from_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) TO authenticated;
GRANT ALL ON FUNCTION public.messages_before(conversation_id uuid, before timestamp with time zone, page_size integer) TO service_role;

REVOKE ALL ON FUNCTION public.my_profile() FROM PUBLIC;
GRANT ALL ON FUNCTION public.my_profile() TO authenticated;

REVOKE ALL ON FUNCTION public.preview_template(inbox_id uuid, template jsonb, contact_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.preview_template(inbox_id uuid, template jsonb, contact_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) TO authenticated;
GRANT ALL ON FUNCTION public.pull_changes(cursor text, page_size integer) TO service_role;

REVOKE ALL ON FUNCTION public.receipts(before uuid, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.receipts(before uuid, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION public.reopen(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reopen(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.reports(kind text, "from" timestamp with time zone, "to" timestamp with time zone, inbox_id uuid, agent_id uuid, time_zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reports(kind text, "from" timestamp with time zone, "to" timestamp with time zone, inbox_id uuid, agent_id uuid, time_zone text) TO authenticated;

REVOKE ALL ON FUNCTION public.reschedule_message(id uuid, at timestamp with time zone, content text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reschedule_message(id uuid, at timestamp with time zone, content text) TO authenticated;

REVOKE ALL ON FUNCTION public.resolve(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resolve(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.retention() FROM PUBLIC;
GRANT ALL ON FUNCTION public.retention() TO authenticated;

REVOKE ALL ON FUNCTION public.retry_media(message_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_media(message_id uuid) TO authenticated;
GRANT ALL ON FUNCTION public.retry_media(message_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.retry_message(id uuid, new_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_message(id uuid, new_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.save_auto_reply(id uuid, inbox_id uuid, kind text, body text, keyword text, enabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_auto_reply(id uuid, inbox_id uuid, kind text, body text, keyword text, enabled boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.save_canned_reply(id uuid, shortcut text, body text, attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_canned_reply(id uuid, shortcut text, body text, attachments jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.save_draft(conversation_id uuid, body text, attachments jsonb, reply_to uuid, note text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_draft(conversation_id uuid, body text, attachments jsonb, reply_to uuid, note text) TO authenticated;

REVOKE ALL ON FUNCTION public.save_inbox(inbox_id uuid, changes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_inbox(inbox_id uuid, changes jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.save_label(id uuid, name text, color text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_label(id uuid, name text, color text) TO authenticated;

REVOKE ALL ON FUNCTION public.save_profile(profile_id uuid, changes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_profile(profile_id uuid, changes jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.save_retention(messages integer, media integer, requests integer, audit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_retention(messages integer, media integer, requests integer, audit integer) TO authenticated;

REVOKE ALL ON FUNCTION public.save_unless_changed(act text, arguments jsonb, seen jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.save_unless_changed(act text, arguments jsonb, seen jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.schedule_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.schedule_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb, at timestamp with time zone) TO authenticated;

REVOKE ALL ON FUNCTION public.search_contacts(query text, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_contacts(query text, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION public.search_messages(query text, inbox_id uuid, conversation_id uuid, before jsonb, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_messages(query text, inbox_id uuid, conversation_id uuid, before jsonb, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION public.send_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.send_message(id uuid, conversation_id uuid, content text, media jsonb, reply_to uuid, template jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.set_available(available boolean, profile_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_available(available boolean, profile_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.set_blocked(contact_id uuid, blocked boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_blocked(contact_id uuid, blocked boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.set_capacity(profile_id uuid, capacity integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_capacity(profile_id uuid, capacity integer) TO authenticated;

REVOKE ALL ON FUNCTION public.set_inbox_rules(inbox_id uuid, rules jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_inbox_rules(inbox_id uuid, rules jsonb) TO authenticated;

REVOKE ALL ON FUNCTION public.set_label(conversation_id uuid, label_id uuid, present boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_label(conversation_id uuid, label_id uuid, present boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.set_member(inbox_id uuid, profile_id uuid, present boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_member(inbox_id uuid, profile_id uuid, present boolean) TO authenticated;

REVOKE ALL ON FUNCTION public.set_priority(conversation_id uuid, priority text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_priority(conversation_id uuid, priority text) TO authenticated;

REVOKE ALL ON FUNCTION public.settle_message(id uuid, outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_message(id uuid, outcome text) TO authenticated;

REVOKE ALL ON FUNCTION public.snooze(conversation_id uuid, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.snooze(conversation_id uuid, until timestamp with time zone) TO authenticated;

REVOKE ALL ON FUNCTION public.start_conversation(id uuid, inbox_id uuid, address text, contact_id uuid, template jsonb, content text, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.start_conversation(id uuid, inbox_id uuid, address text, contact_id uuid, template jsonb, content text, name text) TO authenticated;

REVOKE ALL ON FUNCTION public.take(conversation_id uuid, seen uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take(conversation_id uuid, seen uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.unassign(conversation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.unassign(conversation_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.undo_merge(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.undo_merge(id uuid) TO authenticated;

GRANT SELECT ON TABLE public.audit_log TO authenticated;
GRANT SELECT,INSERT ON TABLE public.audit_log TO service_role;

GRANT SELECT ON TABLE public.canned_replies TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.canned_replies TO service_role;

GRANT SELECT ON TABLE public.chat_history TO authenticated;
GRANT SELECT ON TABLE public.chat_history TO service_role;

GRANT SELECT ON TABLE public.contact_addresses TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_addresses TO service_role;

GRANT SELECT ON TABLE public.conversation_labels TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_labels TO service_role;

GRANT SELECT ON TABLE public.drafts TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.drafts TO service_role;

GRANT SELECT ON TABLE public.erasures TO authenticated;
GRANT SELECT ON TABLE public.erasures TO service_role;

GRANT SELECT ON TABLE public.events TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events TO service_role;

GRANT SELECT ON TABLE public.inbox_members TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbox_members TO service_role;

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

CREATE POLICY balas_limit_anon ON realtime.messages AS RESTRICTIVE FOR ALL TO anon
  USING (COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile|desk):'::text)
  WITH CHECK (COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile|desk):'::text);
CREATE POLICY balas_limit_listen ON realtime.messages AS RESTRICTIVE FOR SELECT TO authenticated
  USING ((COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile|desk):'::text) OR ((extension = 'broadcast'::text) AND ((( SELECT realtime.topic() AS topic) = ('profile:'::text || ( SELECT auth.uid() AS uid))) OR (( SELECT realtime.topic() AS topic) IN ( SELECT ('inbox:'::text || i.i)
   FROM private.my_inboxes() i(i))))) OR ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (( SELECT realtime.topic() AS topic) IN ( SELECT ('desk:'::text || i.i)
   FROM private.my_inboxes() i(i)))));
CREATE POLICY balas_limit_speak ON realtime.messages AS RESTRICTIVE FOR INSERT TO authenticated
  WITH CHECK ((COALESCE(( SELECT realtime.topic() AS topic), ''::text) !~ '^(inbox|profile|desk):'::text) OR ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (( SELECT realtime.topic() AS topic) IN ( SELECT ('desk:'::text || i.i)
   FROM private.my_inboxes() i(i)))));
CREATE POLICY balas_listen ON realtime.messages FOR SELECT TO authenticated
  USING ((extension = 'broadcast'::text) AND ((( SELECT realtime.topic() AS topic) = ('profile:'::text || ( SELECT auth.uid() AS uid))) OR (( SELECT realtime.topic() AS topic) IN ( SELECT ('inbox:'::text || i.i)
   FROM private.my_inboxes() i(i)))));
CREATE POLICY balas_meet ON realtime.messages FOR SELECT TO authenticated
  USING ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (( SELECT realtime.topic() AS topic) IN ( SELECT ('desk:'::text || i.i)
   FROM private.my_inboxes() i(i))));
CREATE POLICY balas_speak_at_the_desk ON realtime.messages FOR INSERT TO authenticated
  WITH CHECK ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (( SELECT realtime.topic() AS topic) IN ( SELECT ('desk:'::text || i.i)
   FROM private.my_inboxes() i(i))));
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
  USING ((bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text])) OR private.may_see_files((storage.foldername(name))[1]) OR ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_staff() AS is_staff)));
CREATE POLICY balas_limit_update ON storage.objects AS RESTRICTIVE FOR UPDATE TO authenticated
  USING (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]))
  WITH CHECK (bucket_id <> ALL (ARRAY['media'::text, 'attachments'::text]));
CREATE POLICY balas_read ON storage.objects FOR SELECT TO authenticated
  USING ((bucket_id = ANY (ARRAY['media'::text, 'attachments'::text])) AND private.may_see_files((storage.foldername(name))[1]));
CREATE POLICY balas_read_canned ON storage.objects FOR SELECT TO authenticated
  USING ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_staff() AS is_staff));
CREATE POLICY balas_upload ON storage.objects FOR INSERT TO authenticated
  WITH CHECK ((bucket_id = 'attachments'::text) AND (EXISTS ( SELECT
   FROM public.conversations c
  WHERE ((c.id)::text = (storage.foldername(objects.name))[1]))));
CREATE POLICY balas_upload_canned ON storage.objects FOR INSERT TO authenticated
  WITH CHECK ((bucket_id = 'attachments'::text) AND ((storage.foldername(name))[1] = 'canned'::text) AND ( SELECT private.is_supervisor() AS is_supervisor));
