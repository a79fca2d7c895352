-- A desktop misses nothing when the database dies.
--
-- A transaction that ended without a commit leaves nothing behind that must reach the disk. Where
-- the server is killed soon after, it knows nothing of that transaction and gives its number to
-- another one. A snapshot from before says of that number that it has ended: what the other one
-- changes would count as seen, for good. So a cursor's snapshot ends with the newest change that its
-- reader can see. That one was committed, which is on the disk before anybody sees it, and no
-- number up to its own is given again. Between it and the snapshot's end is nothing for this reader.
create function private.feed_snapshot(mine uuid[], me uuid, staff boolean) returns text
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  all_staff constant uuid := '00000000-0000-0000-0000-000000000000';
  seen constant pg_snapshot := pg_current_snapshot();
  first_of_all constant bigint := 3;  -- the numbers below are Postgres's own
  until bigint;
  running bigint[];
begin
  select coalesce(max(c.xid::text::bigint) + 1, first_of_all) into until
    from unnest(mine || me || case when staff then all_staff end) a (id)
   cross join lateral (
     select c.xid from private.changes c
      where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
      order by c.xid desc, c.seq desc limit 1) c;
  running := array(
    select x.xid::text::bigint from pg_snapshot_xip(seen) x (xid)
     where x.xid::text::bigint < until order by 1);
  return format('%s:%s:%s', coalesce(running[1], until), until, array_to_string(running, ','));
end $$;

-- As before, except for the two snapshots.
create or replace function public.pull_changes(cursor text default '', page_size integer default 200)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  me constant uuid := auth.uid();
  mine constant uuid[] := array(select private.my_inboxes());
  staff constant boolean := private.is_staff();
  size constant integer := least(greatest(coalesce(page_size, 200), 1), 1000);
  state jsonb := private.read_cursor(cursor, me);
  forgotten jsonb;
  joined uuid[];
  fills jsonb;
  page jsonb;
  step jsonb;
  wanted jsonb;
  resumed boolean;
  more boolean;
begin
  if me is null then
    perform private.refuse('not_allowed', 'You are not signed in.', 'Sign in.');
  end if;
  if state is null then
    -- Taken before anything is read: all that changes from here on comes through the feed.
    state := jsonb_build_object('v', 1, 'who', me, 'feed', (select id from private.feed),
      'base', private.feed_snapshot(mine, me, staff), 'base_at', now(), 'known', '[]'::jsonb,
      'staff', false, 'fill', '[]'::jsonb);
    wanted := jsonb_build_object('profiles', jsonb_build_array(me));
  end if;

  -- Membership: what was left is forgotten, what was joined is filled from its start.
  select coalesce(jsonb_agg(k), '[]') into forgotten
    from jsonb_array_elements_text(state -> 'known') k where k::uuid <> all (mine);
  joined := array(select m from unnest(mine) m where not (state -> 'known') ? m::text);
  select coalesce(jsonb_agg(f || jsonb_build_object('inboxes', (
           select coalesce(jsonb_agg(i), '[]') from jsonb_array_elements_text(f -> 'inboxes') i
            where i::uuid = any (mine))) order by n), '[]')
    into fills from jsonb_array_elements(state -> 'fill') with ordinality e (f, n);
  if cardinality(joined) > 0 then
    fills := fills || jsonb_build_array(private.start_fill(joined));
    wanted := private.merge_wanted(coalesce(wanted, '{}'),
      jsonb_build_object('inboxes', to_jsonb(joined)));
  end if;
  if staff and not (state ->> 'staff')::boolean then
    wanted := private.merge_wanted(coalesce(wanted, '{}'), private.shared_wanted());
  end if;
  state := state || jsonb_build_object('known', to_jsonb(mine), 'staff', staff);

  -- Changes first: what happens now is seen before what happened long ago.
  resumed := state ->> 'target' is not null;
  if not resumed then
    state := state || jsonb_build_object(
      'target', private.feed_snapshot(mine, me, staff), 'target_at', now(),
      'xid', null, 'seq', null);
  end if;
  page := private.feed_page((state ->> 'base')::pg_snapshot, (state ->> 'target')::pg_snapshot,
    (state ->> 'xid')::xid8, (state ->> 'seq')::bigint, size, mine, me, staff);
  wanted := private.merge_wanted(coalesce(wanted, '{}'), page -> 'wanted');
  if jsonb_array_length(page -> 'arrived') > 0 then
    wanted := private.merge_wanted(wanted, private.thread_heads(array(
      select c.id from public.conversations c
       where c.id = any (private.ids(page, 'arrived')) and c.inbox_id = any (mine)), me));
  end if;
  more := (page ->> 'more')::boolean;
  if more then
    state := state || jsonb_build_object('xid', page -> 'xid', 'seq', page -> 'seq');
  else
    state := state || jsonb_build_object('base', state -> 'target', 'base_at', state -> 'target_at',
      'target', null, 'target_at', null, 'xid', null, 'seq', null);
    if jsonb_array_length(fills) > 0 then
      step := private.fill_step(fills -> 0, greatest(1, size - (page ->> 'count')::integer), me);
      wanted := private.merge_wanted(wanted, step -> 'wanted');
      fills := case when jsonb_typeof(step -> 'fill') = 'null' then fills - 0
        else jsonb_set(fills, '{0}', step -> 'fill') end;
    end if;
    -- A series begun by an earlier call ends at a snapshot that is old by now.
    more := resumed or jsonb_array_length(fills) > 0;
  end if;
  state := state || jsonb_build_object('fill', fills);

  return private.feed_rows(wanted, mine, me, staff, jsonb_build_object(
    'cursor', private.write_cursor(state), 'more', more, 'server_time', now(),
    'forget', forgotten))::jsonb;
end $$;

revoke all on function private.feed_snapshot(uuid[], uuid, boolean) from public, anon, authenticated;
