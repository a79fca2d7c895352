-- What the service calls, part seven: Twilio's own list of messages against ours. The worker reads
-- the list window by window (console/service/sweep.py), what is missing is filled in, and the time
-- up to which nothing is missing is kept here. `public.completeness()` tells it to the desktop.

-- One row, made by the first sweep: the proof begins when the first worker does.
create table private.sweep_state (
  singleton boolean primary key default true check (singleton),
  since timestamptz not null default date_trunc('second', now()),
  complete_to timestamptz not null default date_trunc('second', now()),
  holder uuid,
  held_until timestamptz,
  checked_at timestamptz,
  pages bigint not null default 0,
  listed bigint not null default 0,
  failing_since timestamptz,
  why text
);
comment on column private.sweep_state.complete_to is
  'Every message that Twilio lists from `since` up to here, to or from an inbox of ours, is stored.';
comment on column private.sweep_state.holder is
  'The sweep that works now; a lease, so that a dead worker holds nobody up.';

-- Messages that only the sweep brought.
create table private.sweep_fills (
  sid text primary key,
  message_id uuid not null references public.messages (id) on delete cascade,
  inbox_id uuid not null,
  direction text not null,
  written_at timestamptz not null,
  filled_at timestamptz not null default now()
);
create index sweep_fills_message on private.sweep_fills (message_id);
create index sweep_fills_inbox on private.sweep_fills (inbox_id, filled_at desc);

-- Numbers of the account that customers write to, which are no inbox of ours: somebody else's
-- business, or an inbox that is still to come. When it comes, the sweep goes back.
create table private.sweep_elsewhere (
  address text primary key,
  first_at timestamptz not null,
  last_at timestamptz not null
);

-- Outbound messages in the list that may be sends of ours whose fate is not known yet. Looked at
-- again in every sweep.
create table private.sweep_unsure (
  sid text primary key,
  listed jsonb not null,
  report jsonb not null,
  since timestamptz not null default now()
);

alter table private.sweep_state enable row level security;
alter table private.sweep_fills enable row level security;
alter table private.sweep_elsewhere enable row level security;
alter table private.sweep_unsure enable row level security;

-- The inbox of ours that an address (and a messaging service) belongs to, null if none.
create function private.our_inbox(address text, service_sid text, channel text) returns uuid
language sql stable set search_path = ''
as $$
  select i.id from public.inboxes i
   where not i.adopted
     and (i.address = our_inbox.address
          or (i.address is null and i.messaging_service_sid = service_sid
              and i.channel = our_inbox.channel))
   order by i.address is null, i.created_at, i.id limit 1
$$;

-- Begins a sweep, if there is anything to look at and nobody else is at it: {"from", "to"}, else
-- null. `who` holds it for `lease`. The list is looked at up to `settle` ago, so that a webhook and
-- its retry come first, and again from `overlap` before the last time, because Twilio's list is
-- not complete at once.
create function private.sweep_begin(
  who uuid, settle interval, step interval, lease interval, overlap interval) returns jsonb
language plpgsql set search_path = ''
as $$
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

-- Still at it. False: somebody else has taken over, stop.
create function private.sweep_hold(who uuid, lease interval) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update private.sweep_state s set held_until = clock_timestamp() + lease where s.holder = who;
  return found;
end
$$;

-- Everything up to `until` was compared and stored. False, and nothing changed: somebody else has
-- taken over.
create function private.sweep_reached(who uuid, until timestamptz, pages int, listed int)
returns boolean
language plpgsql set search_path = ''
as $$
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

-- The sweep ends here; `trouble` says in words why before its time, null if all went well.
create function private.sweep_end(who uuid, trouble text default null) returns void
language sql set search_path = ''
as $$
  update private.sweep_state s
     set holder = null,
         held_until = null,
         failing_since = case when trouble is null then s.failing_since
                              else coalesce(s.failing_since, clock_timestamp()) end,
         why = coalesce(trouble, s.why)
   where s.holder = who
$$;

-- Of what Twilio lists, the SIDs that something is to be done about: messages of our inboxes that
-- are not here, and reports that go further than what we know. `listed` is an array of
-- {"sid", "inbound", "from", "to", "channel", "service_sid", "at", "status", "error_code"}.
create function private.sweep_compare(listed jsonb) returns text[]
language plpgsql set search_path = ''
as $$
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

-- One outbound message of Twilio's list. `listed` as above and {"content", "media", "metadata",
-- "message_type", "phone"}; `report` as for apply_status. Returns what became of it:
--
--   reported  we know it, the report was applied
--   settled   it is the send of ours whose fate was not known
--   unsure    it may be one, looked at again later: never make a second row of our own message
--   outside   sent from our number by somebody else (Twilio's console, another program): it is
--             part of what this customer was told, so it stands in the thread, and "everything is
--             here" is true. It answers nobody and opens nothing: who waits goes on waiting, and a
--             thread made for it is resolved from the start.
--   foreign   not from a number of ours
create function private.sweep_outbound(listed jsonb, report jsonb) returns text
language plpgsql set search_path = ''
as $$
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

-- Looks again at what was unsure. Returns how many still are.
create function private.sweep_unsure_again() returns integer
language plpgsql set search_path = ''
as $$
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

-- For /metrics and the doctor: how far, how much, what is in the way. Null before the first sweep.
create function private.sweep_health() returns jsonb
language sql stable set search_path = ''
as $$
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

-- "All messages up to `complete_to` are here, checked against Twilio": for everybody who works
-- here. `filled` and `fills` (the last 20) speak of the caller's own inboxes; numbers that are not
-- ours are named to administrators only. `complete_to` is null before the first sweep.
create function public.completeness() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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

revoke all on
  private.sweep_state, private.sweep_fills, private.sweep_elsewhere, private.sweep_unsure
from public, anon, authenticated;
revoke all on function
  private.our_inbox(text, text, text),
  private.sweep_begin(uuid, interval, interval, interval, interval),
  private.sweep_hold(uuid, interval),
  private.sweep_reached(uuid, timestamptz, int, int),
  private.sweep_end(uuid, text),
  private.sweep_compare(jsonb),
  private.sweep_outbound(jsonb, jsonb),
  private.sweep_unsure_again(),
  private.sweep_health(),
  public.completeness()
from public, anon, authenticated;
grant execute on function public.completeness() to authenticated, service_role;
