-- The team's rules, part three: who gets a customer that waits.
--
-- In an inbox with routing a waiting customer goes to the person who last had them, if that one is
-- there and has room, else to the member whose turn is longest ago. Where nobody is, the
-- conversation stays with nobody, which is the queue: a round looks every second, the most urgent and
-- the longest waiting first. What lies with somebody who went away is taken back after a while.
--
-- Decisions are made one at a time, under one lock, so that nobody gets more than they have room
-- for; who holds it waits for nothing else. What people assign by hand is theirs to decide.

alter table public.profiles
  add column if not exists capacity integer not null default 30
    check (capacity between 0 and 10000),
  add column if not exists absent_since timestamptz;
comment on column public.profiles.capacity is
  'So many open conversations this person has at most by routing.';
comment on column public.profiles.absent_since is
  'Kept: since when somebody who was there is away; null for who is there or never was.';

create function private.keep_absence() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.available and new.active then
    new.absent_since := null;
  elsif old.available and old.active then
    new.absent_since := clock_timestamp();
  end if;
  return new;
end $$;
create trigger balas_absence before update of available, active on public.profiles
  for each row execute function private.keep_absence();

-- When somebody last got a conversation of an inbox by routing.
create table private.routing_turns (
  inbox_id uuid not null references public.inboxes (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  last_at timestamptz not null,
  primary key (inbox_id, profile_id)
);
create index routing_turns_profile on private.routing_turns (profile_id);
alter table private.routing_turns enable row level security;
revoke all on private.routing_turns from public, anon, authenticated;

-- The queue.
create index conversations_queue on public.conversations
  (inbox_id,
   (case priority when 'urgent' then 0 when 'high' then 1 when 'low' then 3 else 2 end),
   waiting_since)
  where status = 'open' and assignee_id is null and waiting_since is not null;

-- Those members of an inbox who are there and have room.
create function private.free_members(inbox uuid) returns setof uuid
language sql volatile set search_path = '' as $$
  select p.id
    from public.inbox_members m
    join public.profiles p on p.id = m.profile_id
   where m.inbox_id = free_members.inbox and p.active and p.available
     and (select count(*) from (
           select from public.conversations c
            where c.assignee_id = p.id and c.status = 'open' limit p.capacity) c) < p.capacity
$$;

-- Whose turn it is with this conversation; null when nobody may have it.
create function private.next_member(thread public.conversations) returns uuid
language plpgsql set search_path = '' as $$
declare
  lately public.events;
  gave_up uuid;
  had uuid;
  found_member uuid;
begin
  select e.* into lately from public.events e
   where e.conversation_id = thread.id and e.kind in ('assigned', 'unassigned')
   order by e.created_at desc limit 1;
  -- Who puts a customer back into the queue does not get them again at once.
  if lately.kind = 'unassigned' and lately.actor_id is not null
     and lately.created_at >= thread.waiting_since then
    gave_up := (lately.data ->> 'from_id')::uuid;
  end if;
  select m.sent_by into had from public.messages m
   where m.conversation_id = thread.id and m.direction = 'outbound' and m.sent_by is not null
   order by m."timestamp" desc limit 1;
  had := coalesce(had, (lately.data ->> 'assignee_id')::uuid, (lately.data ->> 'from_id')::uuid);
  select f.id into found_member
    from private.free_members(thread.inbox_id) f (id)
    left join private.routing_turns t on t.inbox_id = thread.inbox_id and t.profile_id = f.id
   where f.id is distinct from gave_up
   order by f.id is not distinct from had desc, t.last_at nulls first, f.id limit 1;
  return found_member;
end $$;

-- Gives a conversation that lies with nobody to whoever's turn it is. The caller holds its row, and
-- has looked at it. Returns the person, null when it stays in the queue.
create function private.route_conversation(thread public.conversations) returns uuid
language plpgsql set search_path = '' as $$
declare
  who uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('balas:routing', 0));
  who := private.next_member(thread);
  if who is null then
    return null;
  end if;
  update public.conversations c set assignee_id = who where c.id = thread.id;
  insert into private.routing_turns as t (inbox_id, profile_id, last_at)
  values (thread.inbox_id, who, clock_timestamp())
  on conflict on constraint routing_turns_pkey do update set last_at = excluded.last_at;
  perform private.tell(thread, 'assigned', jsonb_build_object(
    'assignee_id', who, 'assignee_name', private.name_of(who), 'by', 'routing'));
  return who;
end $$;

-- The round of the queue; the worker calls it every second, and again at once as long as it gives
-- something to somebody: so no call is long, and a customer's job waits for none. Returns how many.
create function private.route_waiting() returns integer
language plpgsql set search_path = '' as $$
declare
  longest constant timestamptz := clock_timestamp() + interval '100 ms';
  place uuid;
  thread public.conversations;
  routed integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:route', 0)) then
    return 0;
  end if;
  for place in
    select i.id from public.inboxes i
     where i.routing and exists (
       select from public.conversations c
        where c.inbox_id = i.id and c.status = 'open' and c.assignee_id is null
          and c.waiting_since is not null)
     order by random()  -- in turns, where there is not time for all
  loop
    exit when clock_timestamp() > longest;
    -- Asked before any row is locked: where nobody has room, nothing is touched every second.
    continue when not exists (select from private.free_members(place));
    -- Skip locked: who holds it is changing it, and the next second looks again.
    for thread in
      select c.* from public.conversations c
       where c.inbox_id = place and c.status = 'open' and c.assignee_id is null
         and c.waiting_since is not null
       order by (case c.priority when 'urgent' then 0 when 'high' then 1 when 'low' then 3
                   else 2 end), c.waiting_since limit 200
         for no key update skip locked
    loop
      exit when clock_timestamp() > longest;
      if private.route_conversation(thread) is not null then
        routed := routed + 1;
      elsif not exists (select from private.free_members(place)) then
        exit;
      end if;
    end loop;
  end loop;
  return routed;
end $$;

-- Takes back what waits with somebody who is not there: at once from those who may not see it any
-- more, and after the inbox's time from those who went away. That time begins anew when somebody
-- gives them a conversation all the same. Returns how many.
create function private.take_back() returns integer
language plpgsql set search_path = '' as $$
declare
  thread public.conversations;
  taken integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('balas:rules:take_back', 0)) then
    return 0;
  end if;
  for thread in
    select c.*
      from public.inboxes i
      join public.conversations c on c.inbox_id = i.id
      join public.profiles p on p.id = c.assignee_id
     where i.routing and c.status = 'open' and c.waiting_since is not null
       and (not p.active
            or (p.role = 'agent' and not exists (
                  select from public.inbox_members m
                   where m.inbox_id = i.id and m.profile_id = p.id))
            or (not p.available
                and p.absent_since <= clock_timestamp() - make_interval(mins => i.take_back_minutes)
                and not exists (
                  select from public.events e
                   where e.conversation_id = c.id and e.kind = 'assigned'
                     and e.created_at
                         > clock_timestamp() - make_interval(mins => i.take_back_minutes))))
     order by c.waiting_since limit 200
       for no key update of c skip locked
  loop
    update public.conversations c set assignee_id = null where c.id = thread.id;
    perform private.tell(thread, 'unassigned', jsonb_build_object('by', 'absence',
      'from_id', thread.assignee_id, 'from_name', private.name_of(thread.assignee_id)));
    taken := taken + 1;
  end loop;
  return taken;
end $$;

-- The job of an inbound message. Safe to repeat, and to run at the same time as others. Returns
-- {"reply": id of the automatic reply, "assignee": who got the conversation}, without what was not
-- to be done.
create function private.run_rules(message_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  message public.messages;
  thread public.conversations;
  inbox public.inboxes;
  reply uuid;
  assignee uuid;
begin
  select * into message from public.messages m where m.id = run_rules.message_id;
  -- One job of a customer at a time, before any row is held.
  perform pg_advisory_xact_lock(hashtextextended('balas:rules:' || c.contact_id, 0))
    from public.conversations c where c.id = message.conversation_id;
  select * into thread from public.conversations c where c.id = message.conversation_id
     for no key update;
  select * into inbox from public.inboxes i where i.id = thread.inbox_id;
  if inbox.id is null or not inbox.has_rules then
    return '{}';
  end if;
  reply := private.answer_by_rules(message, thread, inbox);
  if inbox.routing and thread.status = 'open' and thread.assignee_id is null
     and thread.waiting_since is not null then
    assignee := private.route_conversation(thread);
  end if;
  return jsonb_strip_nulls(jsonb_build_object('reply', reply, 'assignee', assignee));
end $$;

revoke all on function
  private.keep_absence(), private.free_members(uuid),
  private.next_member(public.conversations), private.route_conversation(public.conversations),
  private.route_waiting(), private.take_back(), private.run_rules(uuid)
  from public, anon, authenticated;
