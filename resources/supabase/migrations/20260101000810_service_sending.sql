-- What the service calls, part two: following what becomes of a message. How one is claimed and
-- sent stands in service_queue and service_claim.

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
  private.uncertain_message(uuid),
  private.unclaimed_sids(text[])
from public, anon, authenticated;
