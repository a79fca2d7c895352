-- pull_changes and messages_before: how a desktop catches up.
--
-- A cursor is opaque text. Inside: `base`, the snapshot up to which everything was sent; `target`,
-- `xid` and `seq`, while a series of pages from base to target is under way (newest first, from
-- there downwards); the inboxes known; what is still to fill. When a series is exhausted its target
-- becomes the base. A cursor is a value: asking twice with the same one is harmless.

-- The state inside a cursor, or null for one that says nothing here: empty, unreadable, of another
-- person, feed or cluster, or from before the feed was pruned.
create function private.read_cursor(cursor text, me uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  state jsonb;
begin
  if coalesce(cursor, '') = '' then
    return null;
  end if;
  begin
    state := convert_from(decode(cursor, 'base64'), 'UTF8')::jsonb;
    if (state ->> 'v')::int is distinct from 1
       or (state ->> 'who')::uuid is distinct from me
       or pg_snapshot_xmax((state ->> 'base')::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
       or pg_snapshot_xmax((state ->> 'target')::pg_snapshot)
          > pg_snapshot_xmax(pg_current_snapshot())
       or not exists (select from private.feed f
                       where f.id = (state ->> 'feed')::uuid
                         and f.pruned_until < (state ->> 'base_at')::timestamptz)
       or jsonb_typeof(state -> 'known') <> 'array' or jsonb_typeof(state -> 'fill') <> 'array' then
      return null;
    end if;
    return state;
  exception when others then
    return null;
  end;
end $$;

create function private.write_cursor(state jsonb) returns text
language sql immutable set search_path = '' as $$
  select translate(encode(convert_to(state::text, 'UTF8'), 'base64'), E'\n', '')
$$;

-- One page of a series: {"wanted", "arrived", "xid", "seq", "count", "more"}.
--
-- Not seen in base are exactly the transactions that ran in it and those from its xmax on. A series
-- walks them newest first by (xid, seq), below the place that the page before it reached; the index
-- has each audience's changes in this order, so a page costs what it holds, however much there is
-- before it, after it or for others, and however old a long transaction has made base's xmin.
create function private.feed_page(
  base pg_snapshot, target pg_snapshot, below_xid xid8, below_seq bigint, size integer,
  mine uuid[], me uuid, staff boolean) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  all_staff constant uuid := '00000000-0000-0000-0000-000000000000';
  audiences constant uuid[] := mine || me || case when staff then all_staff end;
  running constant xid8[] := array(select pg_snapshot_xip(base));
  from_xid constant xid8 := pg_snapshot_xmax(base);
  until_xid constant xid8 := coalesce(below_xid, pg_snapshot_xmax(target));
  until_seq constant bigint := coalesce(below_seq, 0);
begin
  return (
    with hits as materialized (
      select h.*, row_number() over (order by h.xid desc, h.seq desc) as n
        from (
          select c.*
            from unnest(audiences) a (id)
           cross join lateral (
             select c.xid, c.seq, c.kind, c.id, c.op from private.changes c
              where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
                and c.xid >= from_xid and (c.xid, c.seq) < (until_xid, until_seq)
                and pg_visible_in_snapshot(c.xid, target)
              order by c.xid desc, c.seq desc limit size + 1) c
          union all
          select c.*
            from unnest(audiences) a (id)
           cross join unnest(running) r (xid)
           cross join lateral (
             select c.xid, c.seq, c.kind, c.id, c.op from private.changes c
              where coalesce(c.inbox_id, c.profile_id, '00000000-0000-0000-0000-000000000000') = a.id
                and c.xid = r.xid and c.seq < case
                  when r.xid < until_xid then 9223372036854775807
                  when r.xid = until_xid then until_seq else 0 end
                and pg_visible_in_snapshot(c.xid, target)
              order by c.seq desc limit size + 1) c
          order by xid desc, seq desc limit size + 1) h),
    kept as (select * from hits where n <= size)
    select jsonb_build_object(
      'wanted', (select coalesce(jsonb_object_agg(kind, ids), '{}')
                   from (select kind, jsonb_agg(distinct id) as ids
                           from kept group by kind) by_kind),
      'arrived', (select coalesce(jsonb_agg(distinct id), '[]')
                    from kept where kind = 'conversations' and op = 'arrive'),
      'xid', (select xid::text from kept order by n desc limit 1),
      'seq', (select seq from kept order by n desc limit 1),
      'count', (select count(*) from kept),
      'more', (select count(*) from hits) > size));
end $$;

-- Everything that staff share, sent once to those who become staff.
create function private.shared_wanted() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'profiles', (select coalesce(jsonb_agg(id), '[]') from public.profiles),
    'labels', (select coalesce(jsonb_agg(id), '[]') from public.labels),
    'canned_replies', (select coalesce(jsonb_agg(id), '[]') from public.canned_replies),
    'templates', (select coalesce(jsonb_agg(id), '[]') from public.templates),
    'service_state', (select coalesce(jsonb_agg(id), '[]') from public.service_state))
$$;

-- STABLE: every statement inside sees the caller's one snapshot, the same that the cursor records.
-- Generic plans, here and in all that is called from here: every statement reaches a page's rows by
-- an index, whatever the statistics make of hundreds of ids, so there is nothing to plan anew.
create function public.pull_changes(cursor text default '', page_size integer default 200)
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
      'base', pg_current_snapshot()::text, 'base_at', now(), 'known', '[]'::jsonb,
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
    state := state || jsonb_build_object('target', pg_current_snapshot()::text,
      'target_at', now(), 'xid', null, 'seq', null);
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

-- Older pages of one thread, newest first. Messages of the same instant (only old, adopted rows
-- have them) stay on one page, so that asking "before the oldest I have" skips none.
create function public.messages_before(
  conversation_id uuid, before timestamptz, page_size integer default 60) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  page jsonb;
  oldest timestamptz;
begin
  if not exists (select from public.conversations c
                  where c.id = messages_before.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  select coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp" desc, m.id desc), '[]'),
         min(m."timestamp")
    into page, oldest
    from (
      select * from public.messages m
       where m.conversation_id = messages_before.conversation_id
         and m."timestamp" < coalesce(before, 'infinity')
       order by m."timestamp" desc
       fetch first (least(greatest(coalesce(page_size, 60), 1), 500)) rows with ties) m;
  return jsonb_build_object('messages', page, 'more', exists (
    select from public.messages m
     where m.conversation_id = messages_before.conversation_id and m."timestamp" < oldest));
end $$;

revoke all on function
  private.read_cursor(text, uuid), private.write_cursor(jsonb), private.shared_wanted(),
  private.feed_page(pg_snapshot, pg_snapshot, xid8, bigint, integer, uuid[], uuid, boolean),
  public.pull_changes(text, integer), public.messages_before(uuid, timestamptz, integer)
  from public, anon, authenticated;
grant execute on function
  public.pull_changes(text, integer), public.messages_before(uuid, timestamptz, integer)
  to authenticated, service_role;
