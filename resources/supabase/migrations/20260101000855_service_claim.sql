-- What the service calls, part five: one message, one call. A worker claims the oldest queued
-- message of a conversation, says in the database that it is about to call, calls, and writes down
-- what became of it. Whatever another worker took over meanwhile it does not send.
--
-- Three things keep a second call away:
--   claim_message  one message of a conversation at a time, by a lock and the status `sending`;
--   begin_call     the attempt is still ours, said immediately before the call;
--   lease          the call begins within so many seconds of that, or not at all. The worker looks
--                  at its clocks at the last moment before the request is written, and nobody takes
--                  a message over before the lease has ended.
-- What remains is physics: a machine may stop between that look and the write that follows it, for
-- longer than the lease. A few instructions lie between them. Should it ever happen, the attempt
-- has been uncertain meanwhile, its callback still finds the message by the attempt id, and the
-- thread shows what was sent.

-- How long after a claim the request may begin to be written.
create function private.lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '10 seconds' $$;

-- Whether the worker that made an attempt can no longer be at work on it. A worker writes a
-- heartbeat every 5 seconds; no call to Twilio lasts longer than a minute.
create function private.is_abandoned(attempt public.delivery_attempts) returns boolean
language plpgsql stable set search_path = ''
as $$
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
$$;

-- Messages left in `sending` by a worker that died or stopped. One that it had only claimed has
-- not been sent: it is queued again, at its old place. One that it was calling for may have been
-- sent: it becomes uncertain and is looked up; never sent again. Returns how many.
create function private.release_abandoned(in_conversation uuid default null) returns integer
language plpgsql set search_path = ''
as $$
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

-- The rows that a claim looks for; a conversation may have thousands of others, and so may the
-- queue.
create index messages_to_send on public.messages (conversation_id, "timestamp", id)
  where direction = 'outbound' and status in ('queued', 'sending');

-- Takes the oldest queued message of each conversation and marks it as being sent: what several
-- jobs of a worker ask for at the same time is one transaction, and the feed notes it in one go.
-- wanted: [{"message_id": any of the conversation, "worker", "attempt_id"}, …]. Returns an answer
-- for each, in the same order: what the call to Twilio needs, with `delay`: seconds until the sender's turn; `lease`: seconds from now within which the request must
-- begin; `called`: whether begin_call has been said already (there is nothing to prepare); `more`:
-- whether further replies wait in the conversation. Null when nothing is queued or sending is
-- stopped; {"wait": seconds} when it is not yet time.
-- `attempt_id` is made by the caller, so that asking again after a lost answer claims nothing
-- twice. The order of replies is the order of their rows, whatever becomes of single jobs.
create function private.claim_messages(wanted jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- The same for one conversation.
create function private.claim_message(message_id uuid, worker text, attempt_id uuid) returns jsonb
language sql set search_path = ''
as $$
  select nullif(private.claim_messages(jsonb_build_array(jsonb_build_object(
    'message_id', message_id, 'worker', worker, 'attempt_id', attempt_id))) -> 0, 'null')
$$;

-- Said immediately before the call by a worker that had something to prepare. False: the message
-- is no longer this attempt's, and must not be sent by it.
create function private.begin_call(attempt_id uuid) returns boolean
language plpgsql set search_path = ''
as $$
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

-- How attempts ended, several in one transaction: [{"attempt_id", "outcome": as below}, …]. Each
-- may name the "job" that ends with it and its "worker": then it is over in the same transaction.
-- Returns whether kicks wait for one of the conversations that these jobs held.
create function private.record_outcomes(ended jsonb) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Taken by Twilio: the usual end, for many at once. The caller holds the locks of their SIDs.
create function private.record_accepted(ended jsonb[]) returns void
language plpgsql set search_path = ''
as $$
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

-- How an attempt ended. outcome: {"outcome": accepted|refused|retry|uncertain, "sid", "status",
-- "http_status", "error_code", "error_text", "said", "hold": seconds that the sender must pause}.
-- Safe to repeat. A retry whose code means the account stops sending for everybody.
create function private.record_outcome(attempt_id uuid, outcome jsonb) returns void
language plpgsql set search_path = ''
as $$
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

-- Nothing was processed: back to the queue, at its old place in the conversation. The reason is in
-- the attempt, where the window finds it.
create function private.queue_again(attempt_id uuid, message_id uuid, outcome jsonb) returns void
language plpgsql set search_path = ''
as $$
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

revoke all on function
  private.lease(), private.is_abandoned(public.delivery_attempts),
  private.release_abandoned(uuid), private.claim_messages(jsonb),
  private.claim_message(uuid, text, uuid), private.begin_call(uuid),
  private.record_outcomes(jsonb), private.record_accepted(jsonb[]),
  private.record_outcome(uuid, jsonb),
  private.queue_again(uuid, uuid, jsonb)
from public, anon, authenticated;
