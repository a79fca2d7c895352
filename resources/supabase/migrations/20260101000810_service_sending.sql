-- What the service calls, part two: sending, and following what becomes of it.

-- How far a status has come; the same ranks as console/domain/delivery.py (a test compares them).
-- A status replaces another only when its rank is higher, so that ticks never jump back, and the
-- order in which Twilio's callbacks arrive does not matter.
create function private.status_rank(status text) returns int
language sql immutable parallel safe set search_path = ''
as $$
  select case status
    when 'scheduled' then 0 when 'queued' then 1 when 'sending' then 2 when 'uncertain' then 3
    when 'accepted' then 4 when 'sent' then 5
    when 'failed' then 6 when 'undelivered' then 6 when 'canceled' then 6
    when 'delivered' then 7 when 'read' then 8 when 'received' then 9
    else -1 end
$$;

-- Callbacks for a message that we do not know yet: they wait here until its SID appears.
create table private.early_statuses (
  id bigint generated always as identity primary key,
  sid text not null,
  report jsonb not null,
  received_at timestamptz not null default now()
);
create index early_statuses_sid on private.early_statuses (sid);
alter table private.early_statuses enable row level security;

-- A report about a message we know: moves its status forward, never back; an error stays readable
-- whatever comes after it. Returns whether anything changed.
create function private.advance_message(message_id uuid, report jsonb) returns boolean
language plpgsql set search_path = ''
as $$
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

-- One status callback (StatusReport.as_json). Returns 'applied', 'unchanged' or 'kept' (for a
-- message that we do not know yet). The attempt id settles a send whose SID never reached us.
create function private.apply_status(report jsonb) returns text
language plpgsql set search_path = ''
as $$
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
  return case when changed then 'applied' else 'unchanged' end;
end
$$;

-- Whether the worker that made an attempt can still be at work on it. A worker writes a heartbeat
-- every 5 seconds; no call to Twilio lasts longer than a minute.
create function private.is_abandoned(worker text, started_at timestamptz) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  alive boolean := false;
begin
  if started_at < now() - interval '2 minutes' then
    return true;
  end if;
  if started_at > now() - interval '5 seconds'
     or to_regclass('jobs.procrastinate_workers') is null then
    return false;
  end if;
  execute 'select exists (select from jobs.procrastinate_workers w
                           where w.id::text = $1 and w.last_heartbeat > now() - interval ''25 s'')'
     into alive using worker;
  return not alive;
end
$$;

-- Messages left in `sending` by a worker that died: they may have been sent, so they become
-- uncertain and are looked up; never sent again. Returns how many.
create function private.release_abandoned(in_conversation uuid default null) returns int
language plpgsql set search_path = ''
as $$
declare
  stuck record;
  released int := 0;
begin
  for stuck in
    select m.id, m.attempt_id from public.messages m
      left join public.delivery_attempts a on a.id = m.attempt_id
     where m.direction = 'outbound' and m.status = 'sending'
       and (in_conversation is null or m.conversation_id = in_conversation)
       and private.is_abandoned(a.worker, coalesce(a.started_at, '-infinity'))
       for update of m skip locked
  loop
    update public.messages m set status = 'uncertain' where m.id = stuck.id;
    update public.delivery_attempts a
       set outcome = 'uncertain', words = coalesce(a.words, 'The worker stopped during the call.')
     where a.id = stuck.attempt_id and a.outcome = 'calling';
    perform private.enqueue(
      'settle_uncertain', jsonb_build_object('message_id', stuck.id), queue => 'settle');
    released := released + 1;
  end loop;
  return released;
end
$$;

-- Takes the oldest queued message of the conversation of `message_id` and marks it as being sent.
-- Returns what the call to Twilio needs; null when nothing is queued; {"busy": true} while another
-- worker is still sending in this conversation. `attempt_id` is made by the caller, so that asking
-- again after a lost answer claims nothing twice.
-- The order of replies is the order of their rows, whatever becomes of single jobs.
create function private.claim_message(message_id uuid, worker text, attempt_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  conversation uuid;
  chosen public.messages;
  inbox public.inboxes;
  attempt constant uuid := attempt_id;
  recipient text;
  sender text;
begin
  select m.conversation_id into conversation from public.messages m
   where m.id = claim_message.message_id;
  if conversation is null then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('balas:send:' || conversation, 0));
  perform private.release_abandoned(conversation);
  if exists (select from public.messages m
              where m.conversation_id = conversation and m.direction = 'outbound'
                and m.status = 'sending' and m.attempt_id is distinct from attempt) then
    return jsonb_build_object('busy', true);
  end if;
  select * into chosen from public.messages m
   where m.conversation_id = conversation and m.direction = 'outbound'
     and (m.status = 'queued' or (m.status = 'sending' and m.attempt_id = attempt))
   order by m.status desc, m."timestamp", m.id limit 1
     for update;
  if chosen.id is null then
    return null;
  end if;

  select i.* into inbox from public.inboxes i
    join public.conversations c on c.inbox_id = i.id where c.id = conversation;
  -- Rows without numbers are answered to where the customer last wrote from, and to.
  select coalesce(chosen.to_number, m.from_number), coalesce(chosen.from_number, m.to_number)
    into recipient, sender
    from (select 1) one
    left join lateral (
      select m.from_number, m.to_number from public.messages m
       where m.conversation_id = conversation and m.direction = 'inbound'
         and m.from_number is not null
       order by m."timestamp" desc limit 1) m on true;
  insert into public.delivery_attempts (id, message_id, worker, outcome, started_at)
  values (attempt, chosen.id, claim_message.worker, 'calling', clock_timestamp())
  on conflict do nothing;
  update public.messages m
     set status = 'sending', attempt_id = attempt,
         to_number = coalesce(m.to_number, recipient),
         from_number = coalesce(m.from_number, inbox.address, sender)
   where m.id = chosen.id;
  return jsonb_build_object(
    'attempt_id', attempt, 'message_id', chosen.id, 'conversation_id', conversation,
    'to', recipient, 'from', coalesce(inbox.address, sender),
    'messaging_service_sid', inbox.messaging_service_sid,
    'content', chosen.content, 'media', chosen.media,
    'template', chosen.metadata -> 'template',
    'created_at', chosen.created_at,
    'retries', (select count(*) from public.delivery_attempts a
                 where a.message_id = chosen.id and a.outcome = 'retry'));
end
$$;

-- How an attempt ended. outcome: {"outcome": accepted|refused|retry|uncertain, "sid", "status",
-- "http_status", "error_code", "error_text", "said"}.
create function private.record_outcome(attempt_id uuid, outcome jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  ended text := outcome ->> 'outcome';
  given_sid text := outcome ->> 'sid';
  message uuid;
  early record;
begin
  if given_sid is not null then
    perform pg_advisory_xact_lock(hashtextextended('balas:sid:' || given_sid, 0));
  end if;
  update public.delivery_attempts a
     set outcome = ended,
         finished_at = clock_timestamp(),
         http_status = (record_outcome.outcome ->> 'http_status')::int,
         error_code = coalesce((record_outcome.outcome ->> 'error_code')::int, a.error_code),
         words = coalesce(record_outcome.outcome ->> 'said',
                          record_outcome.outcome ->> 'error_text', a.words),
         sid = coalesce(a.sid, given_sid)
   where a.id = record_outcome.attempt_id and a.outcome in ('calling', 'uncertain')
  returning a.message_id into message;
  if message is null then
    return;
  end if;

  case ended
  when 'accepted' then
    update public.messages m set message_sid = given_sid
     where m.id = message and m.message_sid is null;
    perform private.advance_message(message, record_outcome.outcome);
    for early in delete from private.early_statuses e where e.sid = given_sid returning e.report
    loop
      perform private.advance_message(message, early.report);
    end loop;
  when 'retry' then
    -- Nothing was processed: back to the queue, at its old place in the conversation. The reason
    -- is in the attempt, where the window finds it.
    update public.messages m set status = 'queued'
     where m.id = message and m.attempt_id = record_outcome.attempt_id
       and m.status in ('sending', 'uncertain') and m.message_sid is null;
  when 'refused' then
    perform private.advance_message(
      message, record_outcome.outcome || jsonb_build_object('status', 'failed'));
  else
    update public.messages m set status = 'uncertain'
     where m.id = message and m.status = 'sending';
    if found then
      perform private.enqueue(
        'settle_uncertain', jsonb_build_object('message_id', message), queue => 'settle',
        scheduled_at => now() + interval '2 seconds');
    else  -- a callback was quicker
      update public.delivery_attempts a set outcome = 'settled'
       where a.id = record_outcome.attempt_id
         and exists (select from public.messages m
                      where m.id = message and m.message_sid is not null);
    end if;
  end case;
end
$$;

-- What is known about a message whose fate is not: to look for it in Twilio's list. Null once
-- it is settled.
create function private.uncertain_message(message_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
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

-- Of these SIDs, those that belong to no message of ours.
create function private.unclaimed_sids(sids text[]) returns text[]
language sql stable set search_path = ''
as $$
  select coalesce(array_agg(s), '{}') from unnest(sids) s
   where not exists (select from public.messages m where m.message_sid = s)
$$;

revoke all on private.early_statuses from public, anon, authenticated;
revoke all on function
  private.status_rank(text),
  private.advance_message(uuid, jsonb),
  private.apply_status(jsonb),
  private.is_abandoned(text, timestamptz),
  private.release_abandoned(uuid),
  private.claim_message(uuid, text, uuid),
  private.record_outcome(uuid, jsonb),
  private.uncertain_message(uuid),
  private.unclaimed_sids(text[])
from public, anon, authenticated;
