-- What supervisors ask for: how much was written, how soon customers were answered, how long it took.
--
-- Kept in step by whoever changes what is reported, so that no report reads messages. Two forms,
-- because two things are asked. How many: lines "+3 inbound in this quarter of an hour", only added,
-- so that writers never wait for each other, and folded into one line for each number when the
-- quarter is over (as private.tallies). How long: one row for each answer and each resolved
-- conversation, because a median is not the sum of medians. There are far fewer of those than messages.
--
-- A quarter of an hour, because every time zone in use is some of them away from UTC, so a day of
-- any zone is a sum of quarters. Nothing here names a customer or a conversation, but for
-- report_threads, which goes with its conversation: reports outlive what retention and erasures take.

create table private.report_volume (
  id bigint generated always as identity primary key,
  slot timestamptz not null,
  inbox_id uuid not null,
  agent_id uuid,
  what text not null check (what in ('inbound', 'outbound', 'automatic', 'opened', 'resolved')),
  n bigint not null,
  folded boolean not null default false
);
comment on table private.report_volume is
  'outbound: written by an agent, once however often it is tried again. opened: begun, or taken up '
  'again after it was resolved. agent_id: who wrote or resolved it.';
create index report_volume_slot on private.report_volume (slot)
  include (inbox_id, agent_id, what, n);
create index report_volume_loose on private.report_volume (slot) where not folded;

-- The folded lines once more, by day of the team's own time zone: where twenty people write all day,
-- the quarters of a year are nearly as many as its messages.
create table private.report_days (
  day date not null,
  inbox_id uuid not null,
  agent_id uuid,
  what text not null,
  n bigint not null
);
create unique index report_days_key on private.report_days (day, inbox_id, agent_id, what)
  include (n) nulls not distinct;
create table private.report_zone (
  only_one boolean primary key default true check (only_one),
  zone text not null default 'Asia/Jakarta'
);
insert into private.report_zone default values;

create table private.report_times (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  inbox_id uuid not null,
  agent_id uuid,
  what text not null check (what in ('first_response', 'response', 'resolution')),
  seconds double precision not null
);
comment on table private.report_times is
  'response: from the first message that waits to the reply of a person. first_response: the first '
  'of them since the conversation was opened. resolution: from opened to resolved. Of the clock on '
  'the wall, nights and holidays included. agent_id: who answered or resolved it.';
create index report_times_at on private.report_times (what, at)
  include (inbox_id, agent_id, seconds);

create table private.report_threads (
  conversation_id uuid primary key references public.conversations (id) on delete cascade,
  opened_at timestamptz not null,
  answered boolean not null default false
);
comment on table private.report_threads is 'Since when a conversation is open, and whether it was answered.';
revoke all on private.report_volume, private.report_days, private.report_zone,
  private.report_times, private.report_threads from public, anon, authenticated;

create function private.slot_of(moment timestamptz) returns timestamptz
language sql immutable parallel safe set search_path = '' as $$
  select date_bin('15 minutes', moment, timestamptz '2000-01-01 00:00:00+00')
$$;

-- Folds the lines of quarters that are over. One at a time, and nobody waits for it: whoever finds
-- it being done leaves it to the next. In one statement, so that readers see lines or their sum.
create function private.fold_reports() returns void
language plpgsql security definer set search_path = '' as $$
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

-- The days anew, perhaps of another time zone: that in which most reports are asked for.
create function private.recount_report_days(zone text default null) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:fold_reports', 0));
  update private.report_zone z set zone = coalesce(recount_report_days.zone, z.zone);
  delete from private.report_days;
  insert into private.report_days (day, inbox_id, agent_id, what, n)
  select (v.slot at time zone z.zone)::date, v.inbox_id, v.agent_id, v.what, sum(v.n)
    from private.report_volume v cross join private.report_zone z
   where v.folded group by 1, 2, 3, 4;
end $$;

create function private.fold_reports_when_due(lines integer) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if lines > 0 and currval('private.report_volume_id_seq') % 1024 < lines then
    perform private.fold_reports();
  end if;
end $$;

-- A scheduled message counts when it is due, a retry is the same message.
create function private.report_messages() returns trigger
language plpgsql security definer set search_path = '' as $$
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
create trigger balas_report_insert after insert on public.messages
  referencing new table as new_rows for each statement execute function private.report_messages();

create function private.report_due_message() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.report_volume (slot, inbox_id, agent_id, what, n)
  select private.slot_of(now()), c.inbox_id, case when not new.automatic then new.sent_by end,
         case when new.automatic then 'automatic' else 'outbound' end, 1
    from public.conversations c where c.id = new.conversation_id and c.inbox_id is not null;
  return null;
end $$;
create trigger balas_report_due after update on public.messages
  for each row when (old.status = 'scheduled' and new.status in ('queued', 'sending'))
  execute function private.report_due_message();

create function private.report_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
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
create trigger balas_report_insert after insert on public.conversations
  for each row execute function private.report_conversation();
-- With a condition, so that a message in a conversation that waits already costs nothing here.
create trigger balas_report_update after update on public.conversations
  for each row when (old.status <> new.status
                     or (old.waiting_since is not null and new.waiting_since is null))
  execute function private.report_conversation();

-- Counts the messages that were here before. For this migration, and for whoever filled the tables
-- with triggers off. How long answers took is known from now on only.
create function private.recount_reports() returns void
language plpgsql security definer set search_path = '' as $$
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
select private.recount_reports();

revoke all on function
  private.slot_of(timestamptz), private.fold_reports(), private.recount_report_days(text),
  private.fold_reports_when_due(integer), private.report_messages(),
  private.report_due_message(), private.report_conversation(), private.recount_reports()
  from public, anon, authenticated;
