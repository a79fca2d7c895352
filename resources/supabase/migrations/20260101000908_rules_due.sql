-- The team's rules, part five: until when an answer is due, and the word before a window closes.

alter table public.conversations
  add column if not exists first_response_due_at timestamptz,
  add column if not exists next_response_due_at timestamptz;
comment on column public.conversations.first_response_due_at is
  'Kept: until when a customer who began, or took the thread up again, is to be answered first; '
  'counted within the hours of the inbox. Null when nobody waits for it.';
comment on column public.conversations.next_response_due_at is
  'Kept: the same for a customer who has been answered since and wrote again.';

-- Follows waiting_since, whoever changes it: every writer holds the row, so the due time is always
-- that of the waiting it stands beside. It costs nothing while somebody who waits writes more.
create function private.keep_due() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  inbox public.inboxes;
  answered boolean := false;
  minutes integer;
  due timestamptz;
begin
  new.first_response_due_at := null;
  new.next_response_due_at := null;
  if new.waiting_since is null then
    return new;
  end if;
  select * into inbox from public.inboxes i where i.id = new.inbox_id;
  if coalesce(inbox.first_response_minutes, inbox.next_response_minutes) is null then
    return new;
  end if;
  -- Taken up again in this very change: whatever was said before was about something else.
  if tg_op = 'UPDATE' and old.status <> 'resolved' then
    answered := exists (
      select from public.messages m
       where m.conversation_id = new.id and m.direction = 'outbound' and not m.automatic
         and m.status is distinct from 'scheduled' and m.status is distinct from 'canceled'
         and m."timestamp" >= private.began_at(new));
  end if;
  minutes := case when answered then inbox.next_response_minutes
                  else inbox.first_response_minutes end;
  begin
    due := private.open_minutes_after(inbox.hours, new.waiting_since, minutes);
  exception when others then  -- hours of the time before they were checked
    due := new.waiting_since + make_interval(mins => minutes);
  end;
  if answered then
    new.next_response_due_at := due;
  else
    new.first_response_due_at := due;
  end if;
  return new;
end $$;
create trigger balas_due_insert before insert on public.conversations
  for each row when (new.waiting_since is not null) execute function private.keep_due();
create trigger balas_due_update before update on public.conversations
  for each row when (old.waiting_since is distinct from new.waiting_since)
  execute function private.keep_due();

-- Conversations by the end of their window, as far as somebody waits.
create index conversations_window on public.conversations (inbox_id, last_inbound_at)
  where waiting_since is not null;

-- Tells the team once for each window that it closes soon on somebody who still waits. The worker
-- calls this every few seconds. Returns how many.
create function private.remind_windows() returns integer
language plpgsql set search_path = '' as $$
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

revoke all on function private.keep_due(), private.remind_windows()
  from public, anon, authenticated;
