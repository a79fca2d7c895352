-- The rows that a page of the feed carries, as they are now, under the same rule as row security:
-- what hangs on a conversation is seen by those whose inbox it is in.

-- `wanted` maps a kind to the ids asked for. A wanted row that is gone, or that the caller may not
-- see any more, is named in `deleted`. Every message comes with its conversation, and every
-- conversation with its contact, so that a page can be stored by itself.
--
-- What is found is noted as ids beside the rows: asking the finished JSON for them again takes ten
-- times as long as making it. And it is made as json and cast once, at the very end: jsonb copies
-- every row again at each level that it is built into. `frame` is what else a page says: cursor,
-- more, server_time, forget.
create function private.feed_rows(
  wanted jsonb, mine uuid[], me uuid, staff boolean, frame jsonb) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  conversations json; messages json; contacts json; notes json; events json;
  conversation_labels json; attempts json; reads json; drafts json;
  labels json; canned json; templates json; profiles json; inboxes json; service json;
  asked uuid[];
  found text[];
  deleted jsonb := '{}';
begin
  select json_agg(m order by m."timestamp" desc, m.id desc), array_agg(m.id::text),
         array_agg(distinct m.conversation_id)
    into messages, found, asked
    from public.messages m join public.conversations c on c.id = m.conversation_id
   where m.id = any (private.ids(wanted, 'messages')) and c.inbox_id = any (mine);
  deleted := deleted || private.not_found(wanted, 'messages', found);

  asked := private.ids(wanted, 'conversations') || asked;
  select json_agg(c order by c.last_message_at desc nulls last, c.id),
         array_agg(c.id::text), array_agg(distinct c.contact_id)
    into conversations, found, asked
    from public.conversations c where c.id = any (asked) and c.inbox_id = any (mine);
  deleted := deleted || private.not_found(wanted, 'conversations', found);

  asked := private.ids(wanted, 'contacts') || asked;
  select json_agg(p), array_agg(p.id::text) into contacts, found
    from (
      select p.*, (select coalesce(json_agg(a order by a.created_at, a.address), '[]')
                     from public.contact_addresses a where a.contact_id = p.id) as addresses
        from public.contacts p
       where p.id = any (asked)
         and exists (select from public.conversations c
                      where c.contact_id = p.id and c.inbox_id = any (mine))) p;
  deleted := deleted || private.not_found(wanted, 'contacts', found);

  if wanted ? 'notes' then
    select json_agg(n order by n.created_at desc), array_agg(n.id::text)
      into notes, found
      from public.notes n join public.conversations c on c.id = n.conversation_id
     where n.id = any (private.ids(wanted, 'notes')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'notes', found);
  end if;
  if wanted ? 'events' then
    select json_agg(e order by e.created_at desc), array_agg(e.id::text)
      into events, found
      from public.events e join public.conversations c on c.id = e.conversation_id
     where e.id = any (private.ids(wanted, 'events')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'events', found);
  end if;
  if wanted ? 'delivery_attempts' then
    select json_agg(d order by d.started_at desc), array_agg(d.id::text)
      into attempts, found
      from public.delivery_attempts d
      join public.messages m on m.id = d.message_id
      join public.conversations c on c.id = m.conversation_id
     where d.id = any (private.ids(wanted, 'delivery_attempts')) and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'delivery_attempts', found);
  end if;
  if wanted ? 'conversation_labels' then
    select json_agg(l), array_agg(key)
      into conversation_labels, found
      from jsonb_array_elements_text(wanted -> 'conversation_labels') key
      join public.conversation_labels l
        on l.conversation_id = split_part(key, ':', 1)::uuid
       and l.label_id = split_part(key, ':', 2)::uuid
      join public.conversations c on c.id = l.conversation_id and c.inbox_id = any (mine);
    deleted := deleted || private.not_found(wanted, 'conversation_labels', found);
  end if;

  if wanted ? 'reads' then
    select json_agg(r), array_agg(r.conversation_id::text) into reads, found
      from public.reads r join public.conversations c on c.id = r.conversation_id
     where r.profile_id = me and c.inbox_id = any (mine)
       and r.conversation_id = any (private.ids(wanted, 'reads'));
    deleted := deleted || private.not_found(wanted, 'reads', found);
  end if;
  if wanted ? 'drafts' then
    select json_agg(d), array_agg(d.conversation_id::text) into drafts, found
      from public.drafts d join public.conversations c on c.id = d.conversation_id
     where d.profile_id = me and c.inbox_id = any (mine)
       and d.conversation_id = any (private.ids(wanted, 'drafts'));
    deleted := deleted || private.not_found(wanted, 'drafts', found);
  end if;

  if wanted ?| array['labels', 'canned_replies', 'templates', 'service_state', 'profiles',
                     'inboxes'] then
    select json_agg(l), array_agg(l.id::text) into labels, found
      from public.labels l where staff and l.id = any (private.ids(wanted, 'labels'));
    deleted := deleted || private.not_found(wanted, 'labels', found);
    select json_agg(r), array_agg(r.id::text) into canned, found
      from public.canned_replies r
     where staff and r.id = any (private.ids(wanted, 'canned_replies'));
    deleted := deleted || private.not_found(wanted, 'canned_replies', found);
    select json_agg(t), array_agg(t.id::text) into templates, found
      from public.templates t where staff and t.id = any (private.ids(wanted, 'templates'));
    deleted := deleted || private.not_found(wanted, 'templates', found);
    select json_agg(s), array_agg(s.id::text) into service, found
      from public.service_state s
     where staff and s.id = any (private.ids(wanted, 'service_state'));
    deleted := deleted || private.not_found(wanted, 'service_state', found);
    select json_agg(p), array_agg(p.id::text) into profiles, found
      from public.profiles p
     where (staff or p.id = me) and p.id = any (private.ids(wanted, 'profiles'));
    deleted := deleted || private.not_found(wanted, 'profiles', found);
    select json_agg(i order by i.name), array_agg(i.id::text) into inboxes, found
      from public.inboxes i
     where i.id = any (mine) and i.id = any (private.ids(wanted, 'inboxes'));
    deleted := deleted || private.not_found(wanted, 'inboxes', found);
  end if;

  return json_build_object(
    'cursor', frame -> 'cursor', 'more', frame -> 'more', 'server_time', frame -> 'server_time',
    'forget', frame -> 'forget',
    'profiles', coalesce(profiles, '[]'), 'inboxes', coalesce(inboxes, '[]'),
    'contacts', coalesce(contacts, '[]'), 'conversations', coalesce(conversations, '[]'),
    'messages', coalesce(messages, '[]'), 'notes', coalesce(notes, '[]'),
    'events', coalesce(events, '[]'), 'labels', coalesce(labels, '[]'),
    'conversation_labels', coalesce(conversation_labels, '[]'),
    'canned_replies', coalesce(canned, '[]'), 'templates', coalesce(templates, '[]'),
    'service_state', coalesce(service, '[]'), 'reads', coalesce(reads, '[]'),
    'drafts', coalesce(drafts, '[]'), 'delivery_attempts', coalesce(attempts, '[]'),
    'deleted', deleted);
end $$;

-- The small functions below are plpgsql for its kept plans: an SQL function that cannot be inlined
-- is planned at every call before Postgres 18.

-- {kind: ids} of those in `wanted` that are not among `present`; nothing where there are none.
create function private.not_found(wanted jsonb, kind text, present text[]) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  if not wanted ? kind then
    return '{}';
  end if;
  return coalesce((
    select jsonb_build_object(kind, jsonb_agg(id))
      from (select jsonb_array_elements_text(wanted -> kind) as id
            except select unnest(present)) gone
    having count(*) > 0), '{}');
end $$;

-- The ids of one kind in `wanted`.
create function private.ids(wanted jsonb, kind text) returns uuid[]
language plpgsql immutable set search_path = '' as $$
begin
  if not wanted ? kind then
    return '{}';
  end if;
  return (select coalesce(array_agg(id::uuid), '{}')
            from jsonb_array_elements_text(wanted -> kind) id);
end $$;

-- Two `wanted` as one, without kinds of which nothing is wanted. Each names an id once, and so does
-- what comes out.
create function private.merge_wanted(one jsonb, other jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_object_agg(kind, case
             when a is null then b
             when b is null then a
             else (
               select jsonb_agg(id) from (
                 select jsonb_array_elements(a) union select jsonb_array_elements(b)) e (id))
             end), '{}')
      from (select kind, nullif(one -> kind, '[]') as a, nullif(other -> kind, '[]') as b
              from (select jsonb_object_keys(one) union select jsonb_object_keys(other)) k (kind)) w
     where a is not null or b is not null);
end $$;

-- What a reader needs who has never seen these conversations: the last 20 messages of each with
-- their attempts, the last notes and events, labels, own draft and read mark.
create function private.thread_heads(threads uuid[], me uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    with heads as (
      select m.id from unnest(threads) t (id)
       cross join lateral (
         select id from public.messages where conversation_id = t.id
          order by "timestamp" desc, id desc limit 20) m)
    select jsonb_build_object(
      'conversations', to_jsonb(threads),
      'messages', (select coalesce(jsonb_agg(id), '[]') from heads),
      'delivery_attempts', (
        select coalesce(jsonb_agg(d.id), '[]') from heads
         -- by the index for each message, never the whole table hashed
         cross join lateral (
           select id from public.delivery_attempts where message_id = heads.id offset 0) d),
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
         where profile_id = me and conversation_id = any (threads))));
end $$;

revoke all on function
  private.feed_rows(jsonb, uuid[], uuid, boolean, jsonb), private.not_found(jsonb, text, text[]),
  private.ids(jsonb, text),
  private.merge_wanted(jsonb, jsonb), private.thread_heads(uuid[], uuid)
  from public, anon, authenticated;
