-- The doorbell: a broadcast that says "look", with ids and never content. Losing one costs nothing
-- but time, because every desktop also looks by itself; so a bell that fails fails in silence.
--
-- One transaction rings each channel once, at its commit. What people wait for (a message in, an
-- assignment) rings at once; what is only a tick rings at most once a second for each channel, and
-- the worker rings what is left over, so that the last change is never without a bell.

create table private.bells (
  topic text primary key,
  rung_at timestamptz not null default '-infinity'
);
create table private.bells_due (
  id bigint generated always as identity primary key,
  topic text not null,
  conversations text[] not null,
  messages text[] not null
);

create function private.send_bell(topic text, conversations text[], messages text[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- a bell says where to look; past this many ids it only says that there is much
  most constant integer := 20;
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    case when cardinality(conversations) + cardinality(messages) > most
      then jsonb_build_object('many', true)
      else jsonb_build_object('conversations', to_jsonb(conversations),
                              'messages', to_jsonb(messages)) end,
    'changed', topic, true);
exception when others then
  raise warning 'The doorbell % failed: %', topic, sqlerrm;
end $$;

-- Deferred and row-level, so that it runs at the commit; the first row of a transaction rings for
-- all of them.
create function private.ring() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  this constant text := pg_current_xact_id()::text;
  bell record;
begin
  if current_setting('balas.rung', true) = this then
    return null;
  end if;
  perform set_config('balas.rung', this, true);
  for bell in
    select t.topic, bool_or(c.urgent) as urgent,
           coalesce(array_agg(distinct c.conversation_id::text)
             filter (where c.conversation_id is not null), '{}') as conversations,
           coalesce(array_agg(distinct c.id) filter (where c.kind = 'messages'), '{}') as messages
      from private.changes c
     cross join lateral (
       select 'inbox:' || c.inbox_id as topic where c.inbox_id is not null
       union all
       select 'profile:' || c.profile_id where c.profile_id is not null
       union all
       select 'inbox:' || i.id from public.inboxes i
        where c.inbox_id is null and c.profile_id is null) t
     -- ours is the transaction's first change, so the others come after it
     where c.seq >= new.seq and c.xid = pg_current_xact_id()
     group by t.topic
  loop
    if not bell.urgent then
      -- Skip locked: whoever holds this row is ringing now, but may have been before us, so ours
      -- is left for the worker. Nobody waits for anybody.
      perform from private.bells b
        where b.topic = bell.topic and b.rung_at <= clock_timestamp() - interval '1 second'
          for update skip locked;
      if not found then
        insert into private.bells_due (topic, conversations, messages)
        values (bell.topic, bell.conversations[1:21], bell.messages[1:21]);
        continue;
      end if;
      update private.bells b set rung_at = clock_timestamp() where b.topic = bell.topic;
    end if;
    perform private.send_bell(bell.topic, bell.conversations, bell.messages);
  end loop;
  return null;
end $$;

create constraint trigger ring after insert on private.changes
  deferrable initially deferred for each row execute function private.ring();

-- The trailing bells; the worker calls this every second. Returns how many channels were rung.
create function private.ring_due_bells() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  bell record;
  rung integer := 0;
begin
  for bell in
    with due as (
      delete from private.bells_due
       where id in (select id from private.bells_due for update skip locked)
      returning topic, conversations, messages)
    select topic,
           array(select distinct e from due d, unnest(d.conversations) e
                  where d.topic = t.topic) as conversations,
           array(select distinct e from due d, unnest(d.messages) e
                  where d.topic = t.topic) as messages
      from (select distinct topic from due) t
  loop
    insert into private.bells as b (topic, rung_at) values (bell.topic, clock_timestamp())
      on conflict (topic) do update set rung_at = excluded.rung_at;
    perform private.send_bell(bell.topic, bell.conversations, bell.messages);
    rung := rung + 1;
  end loop;
  return rung;
end $$;

revoke all on private.bells, private.bells_due from public, anon, authenticated;
revoke all on function
  private.send_bell(text, text[], text[]), private.ring(), private.ring_due_bells()
  from public, anon, authenticated;
