-- Adoption, step three: old conversations become threads of an inbox named "adopted". Old messages
-- stay as they are, row by row.

do $$
declare
  resume text[];
  home uuid;
  name_column text;
begin
  if not exists (select from public.conversations where inbox_id is null or contact_id is null)
  then
    return;
  end if;
  resume := private.pause_triggers(true);
  insert into public.inboxes (name, channel, adopted) values ('adopted', 'whatsapp', true)
    returning id into home;

  -- The customer's name, where a column says plainly that it is one.
  select a.attname into name_column
    from pg_attribute a
   where a.attrelid = 'public.conversations'::regclass and not a.attisdropped
     and a.atttypid in ('text'::regtype, 'varchar'::regtype)
     and a.attname in ('customer_name', 'contact_name', 'profile_name', 'name')
   order by array_position(array['customer_name', 'contact_name', 'profile_name', 'name'],
                           a.attname::text)
   limit 1;

  -- A contact for each; those who turn out to be the same person are joined when a number says so.
  execute format($q$
    with made as materialized (
      select c.id, gen_random_uuid() as contact, nullif(btrim(%s), '') as name
        from public.conversations c where c.contact_id is null),
    people as (
      insert into public.contacts (id, name)
      select contact, coalesce(name, 'Adopted conversation ' || left(id::text, 8)) from made)
    update public.conversations c
       set contact_id = made.contact, inbox_id = coalesce(c.inbox_id, %L), adopted = true
      from made where made.id = c.id
  $q$, coalesce('c.' || quote_ident(name_column), 'null::text'), home);

  with spoken as (
    select m.conversation_id as id, max(m."timestamp") as last_at,
           max(m."timestamp") filter (where m.direction = 'inbound') as last_in,
           max(m."timestamp") filter (where m.direction = 'outbound') as last_out
      from public.messages m group by m.conversation_id)
  update public.conversations c
     set last_message_at = greatest(c.last_message_at, s.last_at),
         last_inbound_at = s.last_in,
         waiting_since = case when c.status = 'open' and s.last_in is not null then (
           select min(m."timestamp") from public.messages m
            where m.conversation_id = c.id and m.direction = 'inbound'
              and m."timestamp" > coalesce(s.last_out, '-infinity')) end
    from spoken s where s.id = c.id;

  -- Files that still lie with Twilio are copied by the worker; others are named where they lie.
  update public.messages m
     set media = jsonb_build_array(jsonb_build_object(
           'bucket', 'media', 'path', null, 'url', m.media_url,
           'content_type', coalesce(m.media_content_type, 'application/octet-stream'),
           'name', null, 'size', null,
           'state', case when m.media_url ~ '^https://[a-z0-9.-]*\.twilio\.com/'
             then 'pending' else 'failed' end,
           'error', case when m.media_url ~ '^https://[a-z0-9.-]*\.twilio\.com/' then null
             else 'This file was not copied. It lies where it was before Balas.' end))
   where coalesce(m.media_url, '') <> '' and m.media = '[]';

  if exists (select from pg_attribute where attrelid = 'public.profiles'::regclass
              and attname = 'full_name' and not attisdropped and atttypid = 'text'::regtype) then
    update public.profiles set display_name = to_jsonb(profiles) ->> 'full_name'
     where display_name is null;
  end if;
  set constraints all immediate;
  perform private.resume_triggers(resume);
end $$;

-- A program of the time before Balas may still make conversations for a while. They find their
-- place instead of failing.
create function private.adopt_late_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.adopted := true;
  if new.inbox_id is null then
    insert into public.inboxes (name, channel, adopted) values ('adopted', 'whatsapp', true)
      on conflict do nothing;
    select id into new.inbox_id from public.inboxes where adopted;
  end if;
  if new.contact_id is null then
    insert into public.contacts (name) values ('Adopted conversation ' || left(new.id::text, 8))
      returning id into new.contact_id;
  end if;
  return new;
end $$;
create trigger zz_balas_adopt_late before insert on public.conversations
  for each row when (new.inbox_id is null or new.contact_id is null)
  execute function private.adopt_late_conversation();

alter table public.conversations
  alter column inbox_id set not null,
  alter column contact_id set not null;
alter table public.messages validate constraint balas_messages_status;

-- Foreign triggers: try what the service and the agents write, in a sub-transaction that is always
-- undone. Returns what went wrong, or null.
create function private.probe_writes() returns text
language plpgsql set search_path = '' as $$
declare
  inbox uuid; contact uuid; thread uuid;
  inbound constant uuid := gen_random_uuid();
  outbound constant uuid := gen_random_uuid();
  moment constant timestamptz := now();
  found_row record;
begin
  begin
    insert into public.inboxes (name, channel) values ('probe', 'whatsapp') returning id into inbox;
    insert into public.contacts (name) values ('probe') returning id into contact;
    insert into public.conversations (inbox_id, contact_id) values (inbox, contact)
      returning id into thread;
    insert into public.messages (id, conversation_id, message_sid, direction, message_type, content,
      "timestamp", from_number, to_number, status)
    values (inbound, thread, 'SMprobe', 'inbound', 'text', '', moment, 'a', 'b', 'received');
    insert into public.messages (id, conversation_id, direction, message_type, content,
      "timestamp", status)
    values (outbound, thread, 'outbound', 'text', 'x', moment, 'queued');
    update public.messages set status = 'sending' where id = outbound;
    update public.messages set status = 'delivered', message_sid = 'SMprobe2' where id = outbound;
    update public.conversations set status = 'snoozed', last_message_at = moment where id = thread;
    for found_row in
      select 'a message' as what where not exists (
        select from public.messages where id = inbound and conversation_id = thread
           and message_sid = 'SMprobe' and direction = 'inbound' and content = ''
           and "timestamp" = moment and status = 'received' and from_number = 'a')
      union all
      select 'a status' where not exists (
        select from public.messages where id = outbound and status = 'delivered'
           and message_sid = 'SMprobe2' and content = 'x')
      union all
      select 'a conversation' where not exists (
        select from public.conversations where id = thread and inbox_id = inbox
           and contact_id = contact and status = 'snoozed' and last_message_at = moment
           and not adopted)
    loop
      raise exception '% does not arrive as it was written', found_row.what;
    end loop;
    raise exception using errcode = 'BALAS', message = 'undo';
  exception when sqlstate 'BALAS' then
    return null;
  when others then
    return sqlerrm;
  end;
end $$;

do $$
declare
  resume text[];
  statement text;
  problem text;
begin
  if private.probe_writes() is null then
    return;
  end if;
  resume := private.pause_triggers(false);
  problem := private.probe_writes();
  if problem is not null then
    raise exception 'Balas cannot write into this database: %', problem;
  end if;
  -- One at a time on again; those that stand in the way stay off.
  foreach statement in array resume loop
    execute statement;
    problem := private.probe_writes();
    if problem is not null then
      execute regexp_replace(statement, ' enable (replica |always )?trigger ', ' disable trigger ');
      insert into private.adoption (subject, kind, words, change, undo)
      values (split_part(statement, ' ', 3), 'trigger',
        format('Switched off, because it refuses or changes what Balas writes: %s', problem),
        regexp_replace(statement, ' enable (replica |always )?trigger ', ' disable trigger '),
        statement);
    end if;
  end loop;
end $$;
drop function private.probe_writes();
revoke all on function private.adopt_late_conversation() from public, anon, authenticated;
