-- Privacy, part two: the steps of an erasure, called by the worker (console/service/jobs/
-- erase_contact.py). Each is one transaction and may be repeated.

-- Adds what was done to the receipt.
create function private.count_erased(erasure uuid, more jsonb) returns void
language sql volatile set search_path = '' as $$
  update public.erasures e
     set counts = e.counts || (
       select coalesce(jsonb_object_agg(k, coalesce((e.counts ->> k)::bigint, 0) + v::bigint), '{}')
         from jsonb_each_text(more) j (k, v))
   where e.id = erasure
$$;

-- What a text must hold to speak of this address: its digits, or its id at WhatsApp.
create function private.needle(address text) returns text
language sql immutable set search_path = '' as $$
  select regexp_replace(address, '^([a-z]+:)?\+?', '')
$$;

-- Requests, jobs and whatever else holds these people's data outside the tables that the desktop
-- knows. Returns counts.
create function private.erase_traces(messages uuid[], threads uuid[], addresses text[])
returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- shorter ones would be found in what is somebody else's
  needles constant text[] := array(
    select private.needle(a) from unnest(addresses) a where length(private.needle(a)) >= 7);
  requests bigint;
  jobs bigint := 0;
begin
  with gone as (
    delete from private.webhook_requests r where r.message_id = any (messages) returning 1),
  loose as (
    delete from private.webhook_requests r
     where r.message_id is null
       and (r.parameters ->> 'From' = any (addresses) or r.parameters ->> 'To' = any (addresses)
            or exists (select from unnest(needles) n
                        where position(convert_to(n, 'UTF8') in r.body) > 0))
    returning 1)
  select (select count(*) from gone) + (select count(*) from loose) into requests;

  delete from private.sweep_unsure u
   where u.listed ->> 'to' = any (addresses) or u.listed ->> 'from' = any (addresses);
  delete from private.pair_pace p where p.recipient = any (addresses);

  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      with gone as (
        delete from jobs.procrastinate_jobs j
         where j.status <> 'doing'
           and (j.args ->> 'message_id' = any ($1)
                or j.args ->> 'conversation_id' = any ($2)
                or j.lock = any (select 'conversation:' || t from unnest($2) t)
                or exists (select from unnest($3) n where position(n in j.args::text) > 0))
        returning 1)
      select count(*) from gone
    $query$ into jobs using messages::text[], threads::text[], needles;
  end if;
  return jsonb_build_object('raw_requests', requests, 'jobs', jobs);
end $$;

-- What speaks of these people in other places: what a handover answered, and what stands in the
-- threads of somebody they were merged with by mistake.
create function private.erase_mentions(people uuid[], threads uuid[]) returns jsonb
language plpgsql set search_path = '' as $$
declare
  mentions integer;
begin
  delete from private.handovers h
   where exists (select from unnest(threads) t where position(t::text in h.answer::text) > 0);
  update public.events e
     set data = e.data - array['name', 'from_name'] || '{"erased": true}'
    from private.contact_merges m
    join public.conversations c on c.contact_id in (m.into_id, m.from_id)
   where (m.into_id = any (people) or m.from_id = any (people))
     and e.conversation_id = c.id and c.id <> all (threads)
     and e.data ->> 'merge_id' = m.id::text;
  get diagnostics mentions = row_count;
  return jsonb_build_object('mentions', mentions);
end $$;

-- Empties what the audit log says about these subjects; that something was done, when and by whom
-- stays.
create function private.erase_from_audit(subjects text[], addresses text[]) returns bigint
language plpgsql set search_path = '' as $$
declare
  emptied bigint;
begin
  perform private.open_audit();
  update public.audit_log a set data = '{"erased": true}'
   where a.data <> '{"erased": true}'
     and a.action <> 'contact_erasure_requested'
     and (a.subject_type in ('contacts', 'contact', 'conversations', 'conversation', 'messages',
                             'contact_addresses')
            and a.subject_id = any (subjects)
          or exists (select from unnest(addresses) n where position(n in a.data::text) > 0));
  get diagnostics emptied = row_count;
  return emptied;
end $$;

-- Step one: everything in the database. Null: there is no such erasure, or it is finished.
-- {"wait": seconds}: a reply to this person is under way, and its fate must be known first, so that
-- it is found at Twilio. Else {"until": …}: when the rows went.
create function private.erase_rows(erasure uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  asked public.erasures;
  people uuid[];
  phones text[];
  names text[];
  threads uuid[];
  inboxes uuid[];
  gone uuid[];
  ours constant text[] := array(
    select i.address from public.inboxes i where i.address is not null);
  busy boolean := false;
  counted jsonb;
begin
  select * into asked from public.erasures e where e.id = erasure for update;
  if asked.id is null or asked.state not in ('waiting', 'erasing') then
    return null;
  end if;
  if asked.rows_at is not null then
    return jsonb_build_object('until', asked.rows_at);
  end if;

  -- With everybody who was merged into this contact: they are the same person.
  with recursive same (id) as (
    select asked.contact_id
    union
    select c.id from public.contacts c join same s on c.merged_into = s.id)
  select array_agg(id order by id) into people from same;
  -- The order of private.ingest: addresses, the contact, its conversations. What the customer
  -- writes from now on waits for us, and then begins anew.
  names := array(
    select a.address from public.contact_addresses a where a.contact_id = any (people)
     order by a.address);
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || a, 0))
    from unnest(names) a;
  perform from public.contacts c where c.id = any (people) order by c.id for update;
  if names <> array(
    select a.address from public.contact_addresses a where a.contact_id = any (people)
     order by a.address)
     or exists (select from public.contacts c
                 where c.merged_into = any (people) and c.id <> all (people)) then
    return jsonb_build_object('wait', 0.2);  -- one more came meanwhile: its lock comes first
  end if;
  phones := array(
    select c.phone from public.contacts c where c.id = any (people) and c.phone is not null);
  threads := array(
    select c.id from public.conversations c where c.contact_id = any (people) order by c.id);
  -- claim_messages waits here, and then finds nothing to send
  perform pg_advisory_xact_lock(hashtextextended('balas:send:' || t, 0)) from unnest(threads) t;
  perform from public.conversations c where c.id = any (threads) order by c.id for update;

  -- A customer may have the address of an inbox of ours, as when two of them write to each other:
  -- what others wrote to that inbox is not theirs.
  gone := array(
    select m.id from public.messages m where m.conversation_id = any (threads)
    union
    select m.id from public.messages m
     where m.from_number = any (names) and m.from_number <> all (ours)
    union
    select m.id from public.messages m
     where m.to_number = any (names) and m.to_number <> all (ours));
  if exists (select from public.messages m where m.id = any (gone) and m.status = 'sending') then
    return jsonb_build_object('wait', 2);
  end if;
  if exists (
    select from public.messages m
      join public.delivery_attempts a on a.message_id = m.id
     where m.id = any (gone) and m.status = 'uncertain' and m.message_sid is null
       and a.started_at > now() - interval '15 minutes') then
    return jsonb_build_object('wait', 15);  -- Twilio's list does not have it yet, perhaps
  end if;
  if to_regclass('jobs.procrastinate_jobs') is not null then
    execute $query$
      select exists (select from jobs.procrastinate_jobs j
                      where j.status = 'doing' and j.task_name <> 'erase_contact'
                        and j.args ->> 'message_id' = any ($1))
    $query$ into busy using gone::text[];
    if busy then
      return jsonb_build_object('wait', 2);  -- a file is being copied, perhaps
    end if;
  end if;

  inboxes := array(
    select distinct c.inbox_id from public.conversations c
     where c.id = any (threads) and c.inbox_id is not null);
  insert into private.erasure_parts (erasure_id, kind, name)
  select erasure, 'address', n from unnest(names) n where n <> all (ours)
  union
  select erasure, 'sid', m.message_sid from public.messages m
   where m.id = any (gone) and m.message_sid is not null
  union
  select erasure, 'sid', a.sid from public.delivery_attempts a
   where a.message_id = any (gone) and a.sid is not null
  union
  select erasure, 'folder', t || '/' from unnest(threads) t
  union
  select erasure, 'folder', m.conversation_id || '/' || m.id || '/' from public.messages m
   where m.id = any (gone) and m.conversation_id <> all (threads)
  on conflict do nothing;
  insert into private.erased_sids (sid)
  select p.name from private.erasure_parts p where p.erasure_id = erasure and p.kind = 'sid'
  on conflict do nothing;
  delete from private.early_statuses s
   using private.erasure_parts p
   where p.erasure_id = erasure and p.kind = 'sid' and s.sid = p.name;

  counted := private.erase_traces(gone, threads, names || phones)
    || private.erase_mentions(people, threads)
    || jsonb_build_object(
      'conversations', cardinality(threads), 'messages', cardinality(gone),
      'addresses', cardinality(names),
      'notes', (select count(*) from public.notes n where n.conversation_id = any (threads)),
      'audit_entries', private.erase_from_audit(
        threads::text[] || gone::text[] || people::text[],
        array(select private.needle(n) from unnest(names) n where length(private.needle(n)) >= 7)));
  -- Attempts, notes, events, labels, drafts and read marks go with their conversation; so do what
  -- desktops have of it, as soon as they hear that it is gone.
  delete from public.conversations c where c.id = any (threads);
  delete from public.messages m where m.id = any (gone);
  delete from public.contacts c where c.id = any (people);
  -- The contact's own triggers find no conversation any more to say where it was known.
  insert into private.changes (kind, id, inbox_id, op)
  select 'contacts', p::text, i, 'delete' from unnest(people) p cross join unnest(inboxes) i;
  perform private.count_erased(erasure, counted);
  update public.erasures e set state = 'erasing', rows_at = clock_timestamp(), trouble = null
   where e.id = erasure returning e.* into asked;
  return jsonb_build_object('until', asked.rows_at);
end $$;

-- Step two: the next files of this person, {bucket: [paths]}; {} when there are none.
create function private.erasure_files(erasure uuid, most integer default 100) returns jsonb
language plpgsql set search_path = '' as $$
declare
  folder text;
  found jsonb := '{}';
begin
  if to_regclass('storage.objects') is null then
    return found;
  end if;
  for folder in
    select p.name from private.erasure_parts p
     where p.erasure_id = erasure and p.kind = 'folder' order by p.name
  loop
    -- written into the statement, so that it is searched for by an index
    execute format($query$
      select coalesce(jsonb_object_agg(b, paths), '{}')
        from (select o.bucket_id as b, jsonb_agg(o.name) as paths
                from (select bucket_id, name from storage.objects
                       where bucket_id in ('media', 'attachments') and name like %L
                       limit %s) o
               group by o.bucket_id) g
    $query$, folder || '%', most) into found;
    exit when found <> '{}';
  end loop;
  return found;
end $$;

-- Step three: messages that Twilio lists to or from this person, [{"sid", "ours", "service_sid",
-- "channel"}], `ours` being our side's address. Those of our inboxes are to be emptied, whether we
-- ever stored them or not; other numbers of the account are not ours to touch.
create function private.erasure_listed(erasure uuid, listed jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  fresh text[];
  added integer;
begin
  fresh := array(
    select distinct l.sid from jsonb_to_recordset(listed) as l (
             sid text, ours text, service_sid text, channel text)
     where private.our_inbox(l.ours, l.service_sid, l.channel) is not null
       -- written after the erasure began: a new beginning
       and not exists (select from public.messages m where m.message_sid = l.sid));
  insert into private.erasure_parts (erasure_id, kind, name)
  select erasure, 'sid', s from unnest(fresh) s
   where not exists (select from private.erased_sids e where e.sid = s)
  on conflict do nothing;
  get diagnostics added = row_count;
  insert into private.erased_sids (sid) select unnest(fresh) on conflict do nothing;
  delete from private.early_statuses s where s.sid = any (fresh);
  return added;
end $$;

-- The parts of one kind that are due, [names].
create function private.erasure_due(erasure uuid, kind text, most integer default 50) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(d.name), '[]')
    from (select p.name from private.erasure_parts p
           where p.erasure_id = erasure and p.kind = erasure_due.kind and p.not_before <= now()
           order by p.name limit most) d
$$;

-- These parts are done; `counted` goes into the receipt. Repeating it counts nothing twice.
create function private.erasure_done(erasure uuid, kind text, names text[], counted jsonb)
returns void
language plpgsql set search_path = '' as $$
begin
  delete from private.erasure_parts p
   where p.erasure_id = erasure and p.kind = erasure_done.kind and p.name = any (names);
  if found then
    perform private.count_erased(erasure, counted);
  end if;
end $$;

-- This part did not work, for the reason in words: it is due again after a pause that doubles up to
-- an hour.
create function private.erasure_failed(erasure uuid, kind text, name text, words text) returns void
language plpgsql set search_path = '' as $$
begin
  update private.erasure_parts p
     set tries = p.tries + 1,
         not_before = now() + least(5 * 2 ^ least(p.tries, 12), 3600) * interval '1 second'
   where p.erasure_id = erasure and p.kind = erasure_failed.kind and p.name = erasure_failed.name;
  update public.erasures e set trouble = words
   where e.id = erasure and e.trouble is distinct from words;
end $$;

-- The last step. Null when the erasure is over: nothing is left, or only messages that Twilio has
-- refused to empty for longer than `patience`. Else seconds until it is worth going on.
create function private.erasure_finish(erasure uuid, patience interval default '7 days')
returns double precision
language plpgsql set search_path = '' as $$
declare
  asked public.erasures;
  refused text[];
begin
  select * into asked from public.erasures e where e.id = erasure for update;
  if asked.id is null or asked.state <> 'erasing' then
    return null;
  end if;
  delete from private.erasure_parts p
   where p.erasure_id = erasure and p.kind = 'folder'
     and private.erasure_files(erasure, 1) = '{}';
  if exists (select from private.erasure_parts p
              where p.erasure_id = erasure
                and (p.kind <> 'sid' or p.tries = 0 or asked.rows_at > now() - patience)) then
    return (select greatest(0.2, coalesce(extract(epoch from min(p.not_before) - now()), 5))
              from private.erasure_parts p
             where p.erasure_id = erasure and p.not_before > '-infinity');
  end if;
  refused := array(
    select p.name from private.erasure_parts p where p.erasure_id = erasure order by p.name);
  update public.erasures e
     set state = case when refused = '{}' then 'done' else 'incomplete' end,
         finished_at = clock_timestamp(), left_over = refused,
         trouble = case when refused = '{}' then null else e.trouble end
   where e.id = erasure;
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (asked.requested_by,
    case when refused = '{}' then 'contact_erased' else 'contact_erasure_incomplete' end,
    'contacts', asked.contact_id::text,
    jsonb_build_object('erasure_id', erasure, 'counts', asked.counts));
  return null;
end $$;

revoke all on function
  private.count_erased(uuid, jsonb), private.needle(text),
  private.erase_traces(uuid[], uuid[], text[]), private.erase_mentions(uuid[], uuid[]),
  private.erase_from_audit(text[], text[]),
  private.erase_rows(uuid), private.erasure_files(uuid, integer),
  private.erasure_listed(uuid, jsonb), private.erasure_due(uuid, text, integer),
  private.erasure_done(uuid, text, text[], jsonb),
  private.erasure_failed(uuid, text, text, text),
  private.erasure_finish(uuid, interval)
  from public, anon, authenticated;
