-- What the service calls, part four: when a message may leave. Whether sending is stopped for
-- everybody, how fast a sender goes, how often one customer is written to, and the kicks that
-- make workers look.

alter table public.inboxes
  add column messages_per_second integer not null default 80
    check (messages_per_second between 1 and 1000),
  add column replies_per_half_minute integer not null default 14
    check (replies_per_half_minute between 1 and 1000);
comment on column public.inboxes.messages_per_second is
  'What this sender sends at most; WhatsApp allows 80 by default.';
comment on column public.inboxes.replies_per_half_minute is
  'What one customer gets at most within 30 seconds: the 15th would be refused (14107).';

-- The claim of a message is one thing, the call to Twilio another: an attempt without called_at
-- has certainly sent nothing.
alter table public.delivery_attempts add column called_at timestamptz;

-- Sending as a whole --------------------------------------------------------------------------

-- The one message that goes first after a stop, and how often that has gone wrong in a row.
create table private.sending_trial (
  only_one boolean primary key default true check (only_one),
  message_id uuid,
  began_at timestamptz,
  failures integer not null default 0
);
insert into private.sending_trial default values;
alter table private.sending_trial enable row level security;

-- The codes that mean the account and not the message; the same as in
-- console/domain/twilio_codes.py (a test compares them).
create function private.stops_sending(code integer) returns boolean
language sql immutable parallel safe set search_path = ''
as $$ select coalesce(code in (20003, 30002, 63051), false) $$;

-- Until the next look whether the account works again: 10 s, doubling, at most 10 minutes.
create function private.stop_pause(failures integer) returns interval
language sql immutable set search_path = ''
as $$ select least(10 * 2 ^ least(failures, 10), 600) * interval '1 second' $$;

-- Nothing leaves any more, by any sender; what is queued stays queued. Further refusals of calls
-- that were under way change nothing.
create function private.stop_sending(code integer, words text) returns void
language plpgsql set search_path = ''
as $$
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

-- The account seems to work, or an administrator says so: one message goes first. Returns whether
-- sending was stopped.
create function private.try_sending() returns boolean
language plpgsql set search_path = ''
as $$
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

-- What became of a message, as far as it says something about the account. The first message after
-- a stop proves that all is well once it has left Twilio; for a refused key, once it is taken.
create function private.note_for_queue(message_id uuid, report jsonb) returns void
language plpgsql set search_path = ''
as $$
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

-- Whether this message may leave as far as the account is concerned. The caller claims it next.
create function private.may_send(message_id uuid) returns boolean
language plpgsql set search_path = ''
as $$
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

-- Whether it is time to look if the account works again; at most one worker is told so. Returns
-- the code that stopped sending, 0 where it had none, null when there is nothing to do.
create function private.probe_due() returns integer
language sql set search_path = ''
as $$
  update public.service_state s
     set next_try_at = now() + interval '1 minute', updated_at = now()
   where s.part = 'sending' and s.state = 'stopped'
     and coalesce(s.next_try_at, '-infinity') <= now()
  returning coalesce(s.error_code, 0)
$$;

-- It does not work yet. code and words: what was found, null for what was found before.
create function private.probe_failed(code integer, words text) returns void
language plpgsql set search_path = ''
as $$
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

-- A worker that has just started may have been given a new key.
create function private.probe_soon() returns void
language sql set search_path = ''
as $$
  update public.service_state s set next_try_at = now(), updated_at = now()
   where s.part = 'sending' and s.state = 'stopped'
$$;

-- Kicks ---------------------------------------------------------------------------------------

-- Gives a job to each conversation whose replies wait without one; to a few while only one message
-- may go first. Returns how many.
create function private.kick_queued(older_than interval default '0') returns integer
language plpgsql set search_path = ''
as $$
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

-- The job that runs now answers for its whole conversation: further kicks of it are taken back.
-- Call it before looking for rows: a row that is committed later brings its own kick.
create function private.absorb_kicks(conversations uuid[]) returns void
language plpgsql set search_path = ''
as $$
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

-- After a few replies in a row: whether others wait, or the worker must end (`always`). If so this
-- conversation goes to the end of the queue, as a new job, and the one that runs should end.
create function private.yield_turn(message_id uuid, conversation uuid, always boolean)
returns boolean
language plpgsql set search_path = ''
as $$
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
$$;

-- Pace ----------------------------------------------------------------------------------------

-- When each sender's next message may leave. One short row lock for each message is all that the
-- workers share.
create table private.sender_pace (
  sender text primary key,
  next_at timestamptz not null default '-infinity',
  held_until timestamptz not null default '-infinity'
) with (fillfactor = 50);
alter table private.sender_pace enable row level security;

-- When a customer was last written to: the times of the last half minute.
create table private.pair_pace (
  sender text not null,
  recipient text not null,
  sent_at timestamptz[] not null,
  primary key (sender, recipient)
) with (fillfactor = 70);
alter table private.pair_pace enable row level security;

-- Seconds until a turn is worth asking for; null when it is now. Only reads, so that nobody waits
-- for anybody: what changes between this and take_turn costs a fraction of a second at most.
create function private.turn_wait(sender text, recipient text, per_pair integer)
returns double precision
language plpgsql volatile set search_path = ''
as $$
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

-- A second more than Twilio's half minute, for calls that take their time.
create function private.half_minute() returns interval
language sql immutable set search_path = ''
as $$ select interval '31 seconds' $$;

create function private.lately(sent_at timestamptz[]) returns timestamptz[]
language sql volatile set search_path = ''
as $$
  select array(select t from unnest(sent_at) t
                where t > clock_timestamp() - private.half_minute() order by t)
$$;

-- Takes the next turn of this sender: seconds until it. The row of the sender is locked until the
-- transaction ends, so this comes last in it.
create function private.take_turn(sender text, recipient text, per_second integer)
returns double precision
language plpgsql set search_path = ''
as $$
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

-- Nothing was carried out: Twilio wants this sender to pause, or the turn was not used.
create function private.give_turn_back(sender text, recipient text, hold double precision)
returns void
language sql set search_path = ''
as $$
  -- The sender first, as take_turn.
  insert into private.sender_pace as p (sender, held_until)
  select give_turn_back.sender, clock_timestamp() + hold * interval '1 second'
   where hold is not null
  on conflict on constraint sender_pace_pkey do update set held_until = greatest(p.held_until, excluded.held_until);
  update private.pair_pace p set sent_at = p.sent_at[1:cardinality(p.sent_at) - 1]
   where p.sender = give_turn_back.sender and p.recipient = give_turn_back.recipient
     and cardinality(p.sent_at) > 0;
$$;

revoke all on private.sending_trial, private.sender_pace, private.pair_pace
  from public, anon, authenticated;
revoke all on function
  private.stops_sending(integer), private.stop_pause(integer),
  private.stop_sending(integer, text), private.try_sending(),
  private.note_for_queue(uuid, jsonb), private.may_send(uuid), private.probe_due(),
  private.probe_failed(integer, text), private.probe_soon(), private.kick_queued(interval),
  private.absorb_kicks(uuid[]), private.yield_turn(uuid, uuid, boolean),
  private.turn_wait(text, text, integer), private.half_minute(),
  private.lately(timestamptz[]), private.take_turn(text, text, integer),
  private.give_turn_back(text, text, double precision)
from public, anon, authenticated;
