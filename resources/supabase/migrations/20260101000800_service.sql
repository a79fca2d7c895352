-- What the service calls: each function is one transaction and one round trip.
-- The webhook and the worker connect as `postgres`; nobody else may call any of this.

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

-- Inbound -----------------------------------------------------------------------------------------

-- The inbox of a To address. One that nobody configured gets an inbox of its own, flagged for the
-- administrator, so that nothing is lost.
create function private.inbox_for(address text, service_sid text, channel text) returns uuid
language plpgsql set search_path = ''
as $$
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

-- The person behind an address. Several addresses in one request name the same person; a phone
-- number may be absent. The caller holds the locks of all these addresses.
create function private.contact_for(addresses text[], channel text, phone text, name text)
returns uuid
language plpgsql set search_path = ''
as $$
declare
  found uuid;
begin
  select a.contact_id into found from public.contact_addresses a
   where a.address = any (addresses)
   order by array_position(addresses, a.address) limit 1;
  if found is null then
    insert into public.contacts (name, phone)
    values (contact_for.name, contact_for.phone)
    returning id into found;
  else
    -- What an agent wrote stays; a name or a number that is missing is filled.
    update public.contacts c
       set name = coalesce(nullif(c.name, ''), contact_for.name),
           phone = coalesce(c.phone, contact_for.phone)
     where c.id = found
       and ((coalesce(c.name, '') = '' and contact_for.name is not null)
            or (c.phone is null and contact_for.phone is not null));
  end if;
  insert into public.contact_addresses (contact_id, address, channel)
  select found, a, contact_for.channel from unnest(addresses) a
  on conflict do nothing;
  return found;
end
$$;

-- Keeps one signed request, and makes a message of it unless it could not be parsed.
--
-- request: what service/inbound.py made of the parameters (Inbound.as_json), null if unparseable
-- body, headers, path: the request as it came; flagged: what was strange about it, null if nothing
-- Returns {"message_id", "conversation_id", "inbox_id"}, {"duplicate": true} or {"kept": true}.
--
-- Safe to call any number of times, also at once: the id of the raw request is made from its bytes,
-- and the address locks serialise the requests of one customer (an album comes as several at once)
-- before the SID is looked for.
create function private.ingest(
  request jsonb, body bytea, headers jsonb default '{}', flagged text default null,
  path text default '/webhook'
) returns jsonb
language plpgsql set search_path = ''
as $$
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
begin
  if sid is null then
    insert into private.webhook_requests (id, path, headers, body, flagged)
    values (raw_id, ingest.path, ingest.headers, ingest.body, coalesce(ingest.flagged, 'unparsed'))
    on conflict do nothing;
    return jsonb_build_object('kept', true);
  end if;

  select array_agg(a order by n) into names
    from jsonb_array_elements_text(request -> 'addresses') with ordinality as t(a, n);
  -- Always in the same order, so that two requests never wait for each other.
  for one in select distinct a from unnest(names) a order by a loop
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || one, 0));
  end loop;

  if exists (select from public.messages m where m.message_sid = sid) then
    return jsonb_build_object('duplicate', true);
  end if;

  inbox := private.inbox_for(
    request ->> 'to', request ->> 'messaging_service_sid', request ->> 'channel');
  contact := private.contact_for(
    names, request ->> 'channel', request ->> 'phone', request ->> 'profile_name');
  if request ->> 'opt_out' in ('STOP', 'START') then
    update public.contact_addresses a
       set opted_out_at = case request ->> 'opt_out' when 'STOP' then now() end
     where a.address = request ->> 'from';
  end if;

  thread := private.conversation_for(inbox, contact);
  select * into strict conversation from public.conversations c where c.id = thread for update;
  -- The order of a conversation is fixed here: by arrival, never equal, never backwards.
  moment := private.next_moment(conversation.id);
  select m.id into quoted from public.messages m
   where m.message_sid = request ->> 'quoted_sid' and m.conversation_id = conversation.id;

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

  insert into private.webhook_requests (id, path, headers, body, parameters, flagged, message_id)
  values (raw_id, ingest.path, ingest.headers, ingest.body,
          request #> '{metadata,raw}', ingest.flagged, message)
  on conflict do nothing;

  if conversation.status <> 'open' then
    insert into public.events (conversation_id, kind, data)
    values (conversation.id, 'reopened',
            jsonb_build_object('by', 'customer', 'was', conversation.status));
  end if;
  update public.conversations c
     set status = 'open',
         snoozed_until = null,
         last_message_at = moment,
         last_inbound_at = moment,
         waiting_since = coalesce(c.waiting_since, moment)
   where c.id = conversation.id;

  if jsonb_array_length(request -> 'media') > 0 then
    perform private.enqueue(
      'copy_media', jsonb_build_object('message_id', message), queue => 'media');
  end if;
  return jsonb_build_object(
    'message_id', message, 'conversation_id', conversation.id, 'inbox_id', inbox);
end
$$;

-- One file of a message was copied, or is lost: merges what is now known into its element.
create function private.record_media(message_id uuid, index int, element jsonb) returns void
language sql set search_path = ''
as $$
  update public.messages m
     set media = jsonb_set(m.media, array[record_media.index::text],
                           (m.media -> record_media.index) || record_media.element)
   where m.id = record_media.message_id
     and m.media -> record_media.index is not null
$$;

-- Outbound ----------------------------------------------------------------------------------------

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

-- Housekeeping ------------------------------------------------------------------------------------

-- Rows are the truth and jobs only the kick: this gives a job to every row that waits without one,
-- and lets go of what dead workers held. Returns how many of each.
create function private.sweep() returns jsonb
language plpgsql set search_path = ''
as $$
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
  for waiting in
    select distinct on (m.conversation_id) m.conversation_id, m.id from public.messages m
     where m.direction = 'outbound' and m.status = 'queued'
       and coalesce(m.updated_at, m.created_at, '-infinity') < now() - interval '5 seconds'
     order by m.conversation_id, m."timestamp", m.id
  loop
    if not private.has_job('conversation:' || waiting.conversation_id, 'send_message', null) then
      perform private.enqueue(
        'send_message', jsonb_build_object('message_id', waiting.id),
        lock => 'conversation:' || waiting.conversation_id, queue => 'send');
      kicked := kicked + 1;
    end if;
  end loop;
  for waiting in
    select m.id from public.messages m
     where m.direction = 'inbound' and m.media @> '[{"state": "pending"}]'
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
  return jsonb_build_object('sends', kicked, 'files', files, 'released', released);
end
$$;

-- Whether a job that still has to run exists, by its lock or by its message.
create function private.has_job(lock text, task text, message_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
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
$$;

-- What readiness and metrics tell: jobs that are due but not begun, the age of the oldest of them
-- in seconds, and messages by where they wait.
create function private.service_health() returns jsonb
language plpgsql stable set search_path = ''
as $$
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
$$;

revoke all on private.early_statuses from public, anon, authenticated;
revoke all on function
  private.status_rank(text),
  private.inbox_for(text, text, text),
  private.contact_for(text[], text, text, text),
  private.ingest(jsonb, bytea, jsonb, text, text),
  private.record_media(uuid, int, jsonb),
  private.advance_message(uuid, jsonb),
  private.apply_status(jsonb),
  private.is_abandoned(text, timestamptz),
  private.release_abandoned(uuid),
  private.claim_message(uuid, text, uuid),
  private.record_outcome(uuid, jsonb),
  private.uncertain_message(uuid),
  private.unclaimed_sids(text[]),
  private.sweep(),
  private.has_job(text, text, uuid),
  private.service_health()
from public, anon, authenticated;
