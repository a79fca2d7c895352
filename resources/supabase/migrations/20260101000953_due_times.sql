-- The team's rules, part seven: due times that follow the rules, and the word when one has passed.

alter table public.conversations add column if not exists overdue_since timestamptz;
comment on column public.conversations.overdue_since is
  'Kept: the due time that has passed while the customer waits; the team was told of it. Null when '
  'none has.';
create index conversations_due on public.conversations
  ((coalesce(first_response_due_at, next_response_due_at)))
  where overdue_since is null and coalesce(first_response_due_at, next_response_due_at) is not null;

-- Whether somebody of the team has said something since the conversation is about what it is now.
create function private.was_answered(thread public.conversations) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.messages m
     where m.conversation_id = thread.id and m.direction = 'outbound' and not m.automatic
       and m.status is distinct from 'scheduled' and m.status is distinct from 'canceled'
       and m."timestamp" >= private.began_at(thread))
$$;

-- Until when who waits since then is to be answered; null when this inbox names no time for it.
create function private.due_at(inbox public.inboxes, since timestamptz, answered boolean)
returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
declare
  minutes constant integer := case when answered then inbox.next_response_minutes
                                   else inbox.first_response_minutes end;
begin
  return private.open_minutes_after(inbox.hours, since, minutes);
exception when others then  -- hours of the time before they were checked
  return since + make_interval(mins => minutes);
end $$;

-- As before; and whoever waits anew is not overdue.
create or replace function private.keep_due() returns trigger
language plpgsql security definer set search_path = '' as $$
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

-- Inboxes whose hours or minutes have changed. Who waits there gets new due times by a round, some
-- at a time: it may be thousands, and whoever changes the rules does not wait for them.
create table private.due_renewals (
  inbox_id uuid primary key references public.inboxes (id) on delete cascade,
  -- A second time through, when whoever began to wait by the old rules is certainly stored.
  rounds integer not null default 2,
  not_before timestamptz not null default '-infinity',
  skipped boolean not null default false,
  after_at timestamptz not null default '-infinity',
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'
);
alter table private.due_renewals enable row level security;
revoke all on private.due_renewals from public, anon, authenticated;

create function private.note_due_rules() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.due_renewals (inbox_id) values (new.id)
  on conflict on constraint due_renewals_pkey do update
    set rounds = default, not_before = default, skipped = default,
        after_at = default, after_id = default;
  return null;
end $$;
create trigger balas_due_rules after update on public.inboxes
  for each row when (
    (old.hours, old.first_response_minutes, old.next_response_minutes)
    is distinct from (new.hours, new.first_response_minutes, new.next_response_minutes))
  execute function private.note_due_rules();

-- New due times for who waits in such inboxes, up to 200 at a time. Returns how many were looked at:
-- the worker calls again at once until it is 0.
create function private.renew_due() returns integer
language plpgsql set search_path = '' as $$
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

-- Tells the team, once, when a due time has passed while the customer waits; put away conversations
-- when they are back. The worker calls this every few seconds. Returns how many.
create function private.tell_overdue() returns integer
language plpgsql set search_path = '' as $$
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

revoke all on function
  private.was_answered(public.conversations),
  private.due_at(public.inboxes, timestamptz, boolean), private.keep_due(),
  private.note_due_rules(), private.renew_due(), private.tell_overdue()
  from public, anon, authenticated;
