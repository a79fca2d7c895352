-- The team's rules, part eight: rules among people. They do not talk into somebody's talk, they take
-- back wherever people hold on to what waits, and every desktop hears that they have changed.

-- Whether somebody of the team said something in this conversation since a moment.
create function private.spoke_since(conversation uuid, at timestamptz) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.messages m
     where m.conversation_id = conversation and m.direction = 'outbound' and not m.automatic
       and m.status is distinct from 'scheduled' and m.status is distinct from 'canceled'
       and m."timestamp" > at)
$$;

-- As before, and: while somebody of the team is in the talk, that is for an hour after what they
-- said last, no keyword and no greeting comes between; it would sound as if nobody had listened. That
-- it is closed now is said all the same to whom nobody has written since closing time.
create or replace function private.rule_for(
  message public.messages, thread public.conversations, inbox public.inboxes)
returns public.auto_replies
language plpgsql set search_path = '' as $$
declare
  rule public.auto_replies;
  hour_ago constant timestamptz := clock_timestamp() - interval '1 hour';
  in_talk constant boolean := private.spoke_since(thread.id, hour_ago);
  began constant timestamptz := private.began_at(thread);
  closed boolean := false;
  since timestamptz;
begin
  if not in_talk then
    select a.* into rule from public.auto_replies a
     cross join lateral (select private.keyword_length(a.keyword, message.content) as n) k
     where a.inbox_id = inbox.id and a.enabled and a.kind = 'keyword' and k.n is not null
     order by k.n desc, a.created_at, a.id limit 1;
    if rule.id is not null then
      return rule;
    end if;
  end if;

  begin
    closed := not private.is_open(inbox.hours);
    since := private.closed_since(inbox.hours);
  exception when others then  -- hours of the time before they were checked
    raise warning 'The hours of inbox % cannot be read: %', inbox.id, sqlerrm;
  end;
  if closed and not private.spoke_since(thread.id, greatest(since, hour_ago)) then
    select a.* into rule from public.auto_replies a
     where a.inbox_id = inbox.id and a.enabled and a.kind = 'away'
       and not exists (
         select from public.messages m
          where m.conversation_id = thread.id and m.automatic
            and m.metadata #>> '{rule,kind}' = 'away'
            and m."timestamp" >= coalesce(since, began))
     order by a.created_at, a.id limit 1;
    if rule.id is not null then
      return rule;
    end if;
  end if;

  if in_talk then
    return null;
  end if;
  select a.* into rule from public.auto_replies a
   where a.inbox_id = inbox.id and a.enabled and a.kind = 'greeting'
     -- Their first word since then; one that came late stands before that moment.
     and not exists (
       select from public.messages m
        where m.conversation_id = thread.id and m."timestamp" >= began and m.id <> message.id
          and (m.automatic or m.direction = 'outbound' or m."timestamp" < message."timestamp"))
   order by a.created_at, a.id limit 1;
  return rule;
end $$;

-- Take-back ---------------------------------------------------------------------------------------

alter table public.inboxes alter column take_back_minutes drop not null;
comment on column public.inboxes.take_back_minutes is
  'So long somebody may be absent until customers who wait for them go back to the queue, where '
  'routing or a colleague takes them; null: they stay with them.';

-- As before, but wherever customers wait for somebody who is not there, also where nobody is routed
-- to: a conversation that nobody is asked for is one that nobody answers. From those who may not see
-- it any more it is taken at once.
create or replace function private.take_back() returns integer
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
      from public.profiles p
      join public.conversations c on c.assignee_id = p.id and c.status = 'open'
      join public.inboxes i on i.id = c.inbox_id
     where c.waiting_since is not null
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

-- The feed ----------------------------------------------------------------------------------------

-- What an inbox says by itself and who is in it are part of the inbox: whoever sees it gets its row
-- anew, and may look again at the rest (`administration`, `auto_replies`).
create function private.note_of_inbox() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[] := '{}';
begin
  if tg_op <> 'INSERT' then
    touched := touched || array(select o.inbox_id from old_rows o);
  end if;
  if tg_op <> 'DELETE' then
    touched := touched || array(select n.inbox_id from new_rows n);
  end if;
  insert into private.changes (kind, id, inbox_id, urgent)
  select 'inboxes', i.id::text, i.id, false from public.inboxes i where i.id = any (touched);
  return null;
end $$;

do $$
declare
  watched text;
begin
  foreach watched in array array['auto_replies', 'inbox_members'] loop
    execute format('create trigger balas_note_inbox_insert after insert on public.%I
      referencing new table as new_rows for each statement
      execute function private.note_of_inbox()', watched);
    execute format('create trigger balas_note_inbox_update after update on public.%I
      referencing old table as old_rows new table as new_rows for each statement
      execute function private.note_of_inbox()', watched);
    execute format('create trigger balas_note_inbox_delete after delete on public.%I
      referencing old table as old_rows for each statement
      execute function private.note_of_inbox()', watched);
  end loop;
end $$;

revoke all on function
  private.spoke_since(uuid, timestamptz),
  private.rule_for(public.messages, public.conversations, public.inboxes),
  private.take_back(), private.note_of_inbox()
  from public, anon, authenticated;
