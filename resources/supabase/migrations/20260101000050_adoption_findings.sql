-- Adoption, step one: look. Databases that already have `profiles`, `conversations` or `messages`
-- may hold things that would get in the way. This function names each of them, with the statement
-- that handles it and the one that undoes that, and changes nothing.
--
-- `balas migrate` and `balas migrate --check` make it in a transaction that they roll back and show
-- what it says before anything is changed; the next file runs what it says.

create schema if not exists private;
revoke all on schema private from public;

create table private.adoption (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  subject text not null,
  kind text not null,
  words text not null,
  change text,
  undo text
);
comment on table private.adoption is
  'What the adoption of an older project found and changed; undo from the last row to the first.';
revoke all on private.adoption from public;

-- Our columns in the three tables: type, whether a row of ours may lack it, and samples of what we
-- write there (null: we write none), against which foreign checks are tried.
create function private.our_columns()
returns table (tab text, col text, typ text, samples text[])
language sql immutable set search_path = '' as $$
  values
    ('profiles', 'id', 'uuid', array['00000000-0000-4000-8000-000000000001']),
    ('profiles', 'display_name', 'text', array['Dewi', null]),
    ('profiles', 'role', 'text', array['agent', 'supervisor', 'admin']),
    ('profiles', 'active', 'boolean', array['true', 'false']),
    ('profiles', 'available', 'boolean', array['true', 'false']),
    ('profiles', 'locale', 'text', array['id', 'en']),
    ('profiles', 'created_at', 'timestamp with time zone', array['2026-01-01']),
    ('profiles', 'updated_at', 'timestamp with time zone', array['2026-01-01']),
    ('conversations', 'id', 'uuid', array['00000000-0000-4000-8000-000000000001']),
    ('conversations', 'status', 'text', array['open', 'snoozed', 'resolved']),
    ('conversations', 'assignee_id', 'uuid', array[null, '00000000-0000-4000-8000-000000000001']),
    ('conversations', 'priority', 'text', array[null, 'low', 'normal', 'high', 'urgent']),
    ('conversations', 'snoozed_until', 'timestamp with time zone', array[null, '2026-01-01']),
    ('conversations', 'last_message_at', 'timestamp with time zone', array[null, '2026-01-01']),
    ('conversations', 'last_inbound_at', 'timestamp with time zone', array[null, '2026-01-01']),
    ('conversations', 'waiting_since', 'timestamp with time zone', array[null, '2026-01-01']),
    ('conversations', 'adopted', 'boolean', array['true', 'false']),
    ('conversations', 'created_at', 'timestamp with time zone', array['2026-01-01']),
    ('conversations', 'updated_at', 'timestamp with time zone', array['2026-01-01']),
    ('messages', 'id', 'uuid', array['00000000-0000-4000-8000-000000000001']),
    ('messages', 'conversation_id', 'uuid', array['00000000-0000-4000-8000-000000000001']),
    ('messages', 'message_sid', 'text',
      array[null, 'SM0123456789abcdef0123456789abcdef', 'MM0123456789abcdef0123456789abcdef']),
    ('messages', 'direction', 'text', array['inbound', 'outbound']),
    ('messages', 'message_type', 'text', array['text', 'image', 'document', 'audio', 'video']),
    ('messages', 'content', 'text', array[null, '', 'x', repeat('x', 4096)]),
    ('messages', 'media_url', 'text', array[null, 'https://api.twilio.com/2010-04-01/Media/ME1']),
    ('messages', 'media_content_type', 'text', array[null, 'image/jpeg', 'audio/ogg; codecs=opus']),
    ('messages', 'sent_by', 'uuid', array[null, '00000000-0000-4000-8000-000000000001']),
    ('messages', 'timestamp', 'timestamp with time zone', array['2026-01-01']),
    ('messages', 'created_at', 'timestamp with time zone', array['2026-01-01']),
    ('messages', 'from_number', 'text', array[null, '+628110000001', 'whatsapp:+628110000001']),
    ('messages', 'to_number', 'text', array[null, '+628110000001', 'whatsapp:+628110000001']),
    ('messages', 'media', 'jsonb', array['[]', '[{"path": "x"}]']),
    ('messages', 'status', 'text', array[null, 'received', 'scheduled', 'queued', 'sending',
      'uncertain', 'accepted', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'canceled']),
    ('messages', 'error_code', 'integer', array[null, '63016']),
    ('messages', 'error_text', 'text', array[null, 'words']),
    ('messages', 'metadata', 'jsonb', array['{}', '{"kind": "text"}']),
    ('messages', 'reply_to', 'uuid', array[null, '00000000-0000-4000-8000-000000000001']),
    ('messages', 'attempt_id', 'uuid', array[null, '00000000-0000-4000-8000-000000000001']),
    ('messages', 'automatic', 'boolean', array['true', 'false']),
    ('messages', 'scheduled_at', 'timestamp with time zone', array[null, '2026-01-01']),
    ('messages', 'updated_at', 'timestamp with time zone', array[null, '2026-01-01'])
$$;

-- Whether a foreign check lets every kind of row through that we write: its columns take each of
-- our samples, and foreign columns their default. A check that cannot be tried does not.
create function private.check_admits(relation regclass, expression text, columns smallint[])
returns boolean
language plpgsql stable set search_path = '' as $$
declare
  sources text;
  answer boolean;
begin
  select string_agg(case
           when o.samples is not null then
             format('(select v::%s as %I from unnest(%L::text[]) v) as c%s',
               format_type(a.atttypid, a.atttypmod), a.attname, o.samples, a.attnum)
           else
             format('(select (%s)::%s as %I) as c%s',
               case when d.adbin is null or a.attgenerated <> ''
                      or pg_get_expr(d.adbin, d.adrelid) like '%nextval%'
                 then 'null' else pg_get_expr(d.adbin, d.adrelid) end,
               format_type(a.atttypid, a.atttypmod), a.attname, a.attnum)
           end, ' cross join ')
    into sources
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join private.our_columns() o
      on o.col = a.attname
     and o.tab = (select relname from pg_class where oid = relation)
   where a.attrelid = relation and a.attnum = any (columns);
  execute format('select bool_and(coalesce(%s, true)) from %s', expression, sources) into answer;
  return answer;
exception when others then
  return false;
end $$;

-- What cannot be handled without loss: these stop the migration before it begins.
create function private.adoption_stops()
returns table (subject text, kind text, words text)
language plpgsql stable set search_path = '' as $$
begin
  return query
  select format('public.%I', c.relname), 'name',
         format('There is a %s named %s already, and Balas needs that name. Rename it.',
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
           c.relname)
    from pg_class c
   where c.relnamespace = 'public'::regnamespace
     and c.relname = any (array['inboxes', 'inbox_members', 'contacts', 'contact_addresses',
       'reads', 'drafts', 'delivery_attempts', 'notes', 'events', 'labels', 'conversation_labels',
       'canned_replies', 'templates', 'auto_replies', 'settings', 'audit_log', 'chat_history',
       'service_state']);

  return query
  select format('public.%I', c.relname), 'kind',
         case when c.relkind <> 'r' then format('%s is not an ordinary table.', c.relname)
           else format('%s belongs to the role %s; run this as its owner.', c.relname,
             pg_get_userbyid(c.relowner)) end
    from pg_class c
   where c.relnamespace = 'public'::regnamespace
     and c.relname in ('profiles', 'conversations', 'messages')
     and (c.relkind <> 'r' or not pg_has_role(c.relowner, 'usage'));

  -- Keys: ids are UUIDs in Balas, on the desktop and in every URL.
  return query
  select format('public.%I.%I', k.tab, k.col), 'key',
         case when a.attname is null then format('%s has no column %s.', k.tab, k.col)
           else format('%s.%s is %s, not uuid. Convert it first.', k.tab, k.col,
             format_type(a.atttypid, a.atttypmod)) end
    from (values ('profiles', 'id'), ('conversations', 'id'), ('messages', 'id'),
                 ('messages', 'conversation_id'), ('messages', 'sent_by')) k (tab, col)
    join pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = k.tab
     and c.relkind = 'r'
    left join pg_attribute a on a.attrelid = c.oid and a.attname = k.col and not a.attisdropped
   where a.atttypid is distinct from 'uuid'::regtype;

  return query
  select format('public.%I.id', c.relname), 'key',
         format('%s.id is not unique by itself. Make it the primary key.', c.relname)
    from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     and c.relname in ('profiles', 'conversations', 'messages')
     and exists (select from pg_attribute a
                  where a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'uuid'::regtype)
     and not exists (
       select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
        where i.indrelid = c.oid and i.indisunique and i.indpred is null
          and i.indnkeyatts = 1 and i.indkey[0] = a.attnum);

  -- The columns of the user's own table that have no stand-in.
  return query
  select format('public.messages.%I', k.col), 'column', format('messages has no column %s.', k.col)
    from unnest(array['direction', 'content', 'timestamp', 'message_sid', 'message_type',
                      'media_url', 'media_content_type', 'created_at']) k (col)
   where to_regclass('public.messages') is not null
     and not exists (select from pg_attribute a
                      where a.attrelid = to_regclass('public.messages') and a.attname = k.col
                        and not a.attisdropped);
  return query
  select 'public.messages.conversation_id', 'key',
         format('messages.conversation_id refers to %s, not to conversations.',
           n.confrelid::regclass)
    from pg_constraint n
    join pg_attribute a on a.attrelid = n.conrelid and a.attnum = any (n.conkey)
   where n.conrelid = to_regclass('public.messages') and n.contype = 'f'
     and a.attname = 'conversation_id'
     and n.confrelid is distinct from to_regclass('public.conversations');
  return query
  select 'public.messages', 'key', 'There are messages but no conversations.'
   where to_regclass('public.messages') is not null
     and to_regclass('public.conversations') is null;
end $$;
