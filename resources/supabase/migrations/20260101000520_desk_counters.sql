-- How many conversations each view of the inbox holds.
--
-- Counting a hundred thousand rows takes tens of milliseconds, each time and for every agent. So
-- the numbers are kept: whoever changes what they count adds a line "+1 open in this inbox, with
-- this person" to private.tallies, and reading is adding up. Lines are only added, never updated:
-- one row for each number would make all writers of an inbox wait for each other, customers'
-- messages included. Now and then one writer folds the lines into one for each number.
--
-- A conversation counts once by itself (label_id null) and once for each of its labels. This file
-- stands after the adoption, which fills conversations with all triggers paused.

create table private.tallies (
  id bigint generated always as identity primary key,
  inbox_id uuid not null,
  label_id uuid,
  status text not null,
  assignee_id uuid,
  n bigint not null
);
revoke all on private.tallies from public, anon, authenticated;

-- Folds what nobody else is folding. Whoever reads meanwhile sees the lines or their sum.
create function private.fold_tallies() returns void
language plpgsql security definer set search_path = '' as $$
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

-- One statement and no function of its own: this runs for every conversation that opens or closes.
create function private.tally_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
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
-- Row by row with a condition, so that a message in an open conversation costs nothing here.
create trigger balas_tally_insert after insert on public.conversations
  for each row execute function private.tally_conversation();
create trigger balas_tally_update after update on public.conversations
  for each row when ((old.inbox_id, old.status, old.assignee_id)
                     is distinct from (new.inbox_id, new.status, new.assignee_id))
  execute function private.tally_conversation();
-- Before: afterwards its labels are gone.
create trigger balas_tally_delete before delete on public.conversations
  for each row execute function private.tally_conversation();

-- The conversation is locked, so that its state cannot change between our look and our commit.
create function private.tally_label() returns trigger
language plpgsql security definer set search_path = '' as $$
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
create trigger balas_tally after insert or delete on public.conversation_labels
  for each row execute function private.tally_label();

-- Counts everything anew, while nobody changes anything. For this migration, and for whoever filled
-- the tables with triggers off.
create function private.recount_tallies() returns void
language plpgsql security definer set search_path = '' as $$
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
select private.recount_tallies();

-- {"mine", "unassigned", "all", "snoozed", "resolved", "unread", "inboxes": {id: n},
-- "labels": {id: n}}, narrowed to an inbox and a label.
--
-- mine, unassigned and all count open ones; unread those of mine with a message of the customer
-- that this agent has not seen. `inboxes` is narrowed by the label alone and `labels` by the inbox
-- alone: beside each choice stands what choosing it would show.
create function public.counters(inbox_id uuid default null, label_id uuid default null)
returns jsonb
language sql stable security definer set search_path = '' as $$
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

revoke all on function
  private.fold_tallies(), private.tally_conversation(), private.tally_label(), private.recount_tallies(),
  public.counters(uuid, uuid)
  from public, anon, authenticated;
grant execute on function public.counters(uuid, uuid) to authenticated;
