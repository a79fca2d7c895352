-- The rows that a page of the feed carries, as they are now, under the same rule as row security:
-- what hangs on a conversation is seen by those whose inbox it is in.

-- `wanted` maps a kind to the ids asked for. A wanted row that is gone, or that the caller may not
-- see any more, is named in `deleted`. Every message comes with its conversation, and every
-- conversation with its contact, so that a page can be stored by itself.
create function private.feed_rows(wanted jsonb, mine uuid[], me uuid, staff boolean)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  conversations jsonb; messages jsonb; contacts jsonb; notes jsonb; events jsonb;
  conversation_labels jsonb; attempts jsonb; reads jsonb; drafts jsonb;
  labels jsonb; canned jsonb; templates jsonb; profiles jsonb; inboxes jsonb; service jsonb;
  asked uuid[];
  rows_by_kind jsonb;
  deleted jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(m) order by m."timestamp" desc, m.id desc), '[]')
    into messages
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.id = any (private.ids(wanted, 'messages')) and c.inbox_id = any (mine);

  select private.ids(wanted, 'conversations')
      || coalesce(array_agg(distinct (m ->> 'conversation_id')::uuid), '{}')
    into asked from jsonb_array_elements(messages) m;
  select coalesce(jsonb_agg(to_jsonb(c) order by c.last_message_at desc nulls last, c.id), '[]')
    into conversations
    from public.conversations c where c.id = any (asked) and c.inbox_id = any (mine);

  select private.ids(wanted, 'contacts')
      || coalesce(array_agg(distinct (c ->> 'contact_id')::uuid), '{}')
    into asked from jsonb_array_elements(conversations) c;
  select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
           select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
             from public.contact_addresses a where a.contact_id = p.id))), '[]')
    into contacts
    from public.contacts p
   where p.id = any (asked)
     and exists (select from public.conversations c
                  where c.contact_id = p.id and c.inbox_id = any (mine));

  select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at desc), '[]') into notes
    from public.notes n join public.conversations c on c.id = n.conversation_id
   where n.id = any (private.ids(wanted, 'notes')) and c.inbox_id = any (mine);
  select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at desc), '[]') into events
    from public.events e join public.conversations c on c.id = e.conversation_id
   where e.id = any (private.ids(wanted, 'events')) and c.inbox_id = any (mine);
  select coalesce(jsonb_agg(to_jsonb(d) order by d.started_at desc), '[]') into attempts
    from public.delivery_attempts d
    join public.messages m on m.id = d.message_id
    join public.conversations c on c.id = m.conversation_id
   where d.id = any (private.ids(wanted, 'delivery_attempts')) and c.inbox_id = any (mine);
  select coalesce(jsonb_agg(to_jsonb(l)), '[]') into conversation_labels
    from jsonb_array_elements_text(coalesce(wanted -> 'conversation_labels', '[]')) key
    join public.conversation_labels l
      on l.conversation_id = split_part(key, ':', 1)::uuid
     and l.label_id = split_part(key, ':', 2)::uuid
    join public.conversations c on c.id = l.conversation_id and c.inbox_id = any (mine);

  select coalesce(jsonb_agg(to_jsonb(r)), '[]') into reads
    from public.reads r join public.conversations c on c.id = r.conversation_id
   where r.profile_id = me and c.inbox_id = any (mine)
     and r.conversation_id = any (private.ids(wanted, 'reads'));
  select coalesce(jsonb_agg(to_jsonb(d)), '[]') into drafts
    from public.drafts d join public.conversations c on c.id = d.conversation_id
   where d.profile_id = me and c.inbox_id = any (mine)
     and d.conversation_id = any (private.ids(wanted, 'drafts'));

  select coalesce(jsonb_agg(to_jsonb(l)), '[]') into labels
    from public.labels l where staff and l.id = any (private.ids(wanted, 'labels'));
  select coalesce(jsonb_agg(to_jsonb(r)), '[]') into canned
    from public.canned_replies r where staff and r.id = any (private.ids(wanted, 'canned_replies'));
  select coalesce(jsonb_agg(to_jsonb(t)), '[]') into templates
    from public.templates t where staff and t.id = any (private.ids(wanted, 'templates'));
  select coalesce(jsonb_agg(to_jsonb(s)), '[]') into service
    from public.service_state s where staff and s.id = any (private.ids(wanted, 'service_state'));
  select coalesce(jsonb_agg(to_jsonb(p)), '[]') into profiles
    from public.profiles p
   where (staff or p.id = me) and p.id = any (private.ids(wanted, 'profiles'));
  select coalesce(jsonb_agg(to_jsonb(i) order by i.name), '[]') into inboxes
    from public.inboxes i
   where i.id = any (mine) and i.id = any (private.ids(wanted, 'inboxes'));

  rows_by_kind := jsonb_build_object(
    'profiles', profiles, 'inboxes', inboxes, 'contacts', contacts,
    'conversations', conversations, 'messages', messages, 'notes', notes, 'events', events,
    'labels', labels, 'conversation_labels', conversation_labels, 'canned_replies', canned,
    'templates', templates, 'service_state', service,
    'reads', reads, 'drafts', drafts, 'delivery_attempts', attempts);

  with present as (
    select k.kind, case k.kind
             when 'reads' then r ->> 'conversation_id'
             when 'drafts' then r ->> 'conversation_id'
             when 'conversation_labels' then (r ->> 'conversation_id') || ':' || (r ->> 'label_id')
             else r ->> 'id' end as id
      from jsonb_each(rows_by_kind) k (kind, found), jsonb_array_elements(k.found) r),
  missing as (
    select w.kind, id
      from jsonb_each(wanted) w (kind, ids), jsonb_array_elements_text(w.ids) id
    except
    select kind, id from present)
  select coalesce(jsonb_object_agg(kind, gone), '{}') into deleted
    from (select kind, jsonb_agg(id) as gone from missing group by kind) by_kind;
  return rows_by_kind || jsonb_build_object('deleted', deleted);
end $$;

-- The ids of one kind in `wanted`.
create function private.ids(wanted jsonb, kind text) returns uuid[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(id::uuid), '{}')
    from jsonb_array_elements_text(coalesce(wanted -> kind, '[]')) id
$$;

-- Two `wanted` as one, each id once.
create function private.merge_wanted(one jsonb, other jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_object_agg(kind, ids), '{}')
    from (
      select kind, jsonb_agg(distinct id) as ids
        from (select * from jsonb_each(one) union all select * from jsonb_each(other)) w (kind, ids),
             jsonb_array_elements(w.ids) id
       group by kind) merged
$$;

-- What a reader needs who has never seen these conversations: the last 20 messages of each with
-- their attempts, the last notes and events, labels, own draft and read mark.
create function private.thread_heads(threads uuid[], me uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  with heads as (
    select m.id from unnest(threads) t (id)
     cross join lateral (
       select id from public.messages where conversation_id = t.id
        order by "timestamp" desc, id desc limit 20) m)
  select jsonb_build_object(
    'conversations', to_jsonb(threads),
    'messages', (select coalesce(jsonb_agg(id), '[]') from heads),
    'delivery_attempts', (
      select coalesce(jsonb_agg(d.id), '[]')
        from heads join public.delivery_attempts d on d.message_id = heads.id),
    'notes', (
      select coalesce(jsonb_agg(n.id), '[]') from unnest(threads) t (id)
       cross join lateral (
         select id from public.notes where conversation_id = t.id
          order by created_at desc limit 50) n),
    'events', (
      select coalesce(jsonb_agg(e.id), '[]') from unnest(threads) t (id)
       cross join lateral (
         select id from public.events where conversation_id = t.id
          order by created_at desc limit 50) e),
    'conversation_labels', (
      select coalesce(jsonb_agg(l.conversation_id || ':' || l.label_id), '[]')
        from public.conversation_labels l where l.conversation_id = any (threads)),
    'reads', (
      select coalesce(jsonb_agg(conversation_id), '[]') from public.reads
       where profile_id = me and conversation_id = any (threads)),
    'drafts', (
      select coalesce(jsonb_agg(conversation_id), '[]') from public.drafts
       where profile_id = me and conversation_id = any (threads)))
$$;

revoke all on function
  private.feed_rows(jsonb, uuid[], uuid, boolean), private.ids(jsonb, text),
  private.merge_wanted(jsonb, jsonb), private.thread_heads(uuid[], uuid)
  from public, anon, authenticated;
