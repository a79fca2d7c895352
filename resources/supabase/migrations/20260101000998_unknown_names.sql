-- A misspelt name is refused, not passed over: a variable that does not exist leaves a hole in what
-- the customer reads, and a key that nobody reads is a wish that is not fulfilled though all seemed
-- well. What is stored already stays as it is and is sent as before.

-- Refuses what is no object, or has a key that is none of these.
create function private.check_names(given jsonb, known text[], code text, what text) returns void
language plpgsql immutable set search_path = '' as $$
declare
  key text;
begin
  if jsonb_typeof(given) is distinct from 'object' then
    perform private.refuse(code, format('%s: this is no object.', what));
  end if;
  select k into key from jsonb_object_keys(given) k where k <> all (known) order by k limit 1;
  if found then
    perform private.refuse(code, format('%s: there is no "%s".', what, left(key, 60)),
      case when known = '{}' then 'Name nothing.'
        else format('It may name %s.', array_to_string(known, ', ')) end);
  end if;
end $$;

-- The same, where `form` says of each key which kinds of JSON its value may be, such as
-- {"routing": "boolean", "take_back_minutes": "integer null", "hours": "any"}.
create function private.check_form(given jsonb, form jsonb, code text, what text) returns void
language plpgsql immutable set search_path = '' as $$
declare
  wrong record;
begin
  perform private.check_names(given, array(select k from jsonb_object_keys(form) k), code, what);
  select g.key, t.kinds into wrong
    from jsonb_each(given) g
   cross join lateral (select form ->> g.key as kinds, jsonb_typeof(g.value) as kind) t
   where t.kinds <> 'any'
     and t.kind <> all (string_to_array(t.kinds, ' '))
     and case when t.kind = 'number' and 'integer' = any (string_to_array(t.kinds, ' '))
           then mod((g.value #>> '{}')::numeric, 1) <> 0 else true end
   order by g.key limit 1;
  if found then
    perform private.refuse(code, format('%s: "%s" is not of its kind.', what, wrong.key),
      format('Its kind is %s.', replace(wrong.kinds, ' ', ' or ')));
  end if;
end $$;

-- Automatic replies ------------------------------------------------------------------------------

-- The variables that `rule_values` knows.
create function private.rule_variables() returns text[]
language sql immutable set search_path = '' as $$
  select array['contact.name', 'inbox.name', 'hours.today', 'hours.opens']
$$;

-- As before; and a text with a variable that does not exist is refused. One that was saved before
-- can still be switched off as it stands.
create or replace function public.save_auto_reply(
  id uuid, inbox_id uuid, kind text, body text, keyword text default null,
  enabled boolean default true) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  words constant text := nullif(btrim(save_auto_reply.keyword), '');
  unknown text[];
  saved public.auto_replies;
begin
  perform private.require_supervisor('automatic replies');
  if save_auto_reply.id is null then
    perform private.refuse('bad_id', 'The automatic reply has no id.');
  end if;
  if not exists (select from public.inboxes i where i.id = save_auto_reply.inbox_id) then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if coalesce(save_auto_reply.kind, '') not in ('greeting', 'away', 'keyword') then
    perform private.refuse('bad_request', 'The kind is greeting, away or keyword.',
      'Choose one of them.');
  end if;
  if save_auto_reply.kind = 'keyword' and (
       words is null or char_length(words) > 500
       or not exists (select from regexp_split_to_table(words, ',') w
                       where btrim(private.plain_words(w)) <> '')) then
    perform private.refuse('bad_name', 'There is no word to look for, or there are too many.',
      'Write some words, divided by commas.');
  end if;
  if btrim(coalesce(save_auto_reply.body, ''), E' \t\r\n') = '' then
    perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
  end if;
  if char_length(save_auto_reply.body) > 1600 then
    perform private.refuse('too_long', 'The text is longer than 1,600 characters.', 'Shorten it.');
  end if;
  -- Whatever stands in double braces: the customer would read it, or nothing in its place.
  select array_agg('{{' || n.name || '}}' order by n.place) into unknown
    from (select regexp_replace(m[1], '^\s+|\s+$', '', 'g') as name, min(place) as place
            from regexp_matches(save_auto_reply.body, '\{\{([^{}]*)\}\}', 'g')
                   with ordinality found (m, place)
           group by 1) n
   where n.name <> all (private.rule_variables());
  if unknown is not null and (
       coalesce(save_auto_reply.enabled, true)
       or not exists (select from public.auto_replies r
                       where r.id = save_auto_reply.id
                         and btrim(r.body, E' \t\r\n')
                             = btrim(save_auto_reply.body, E' \t\r\n'))) then
    perform private.refuse('unknown_variable',
      format('There is no such variable: %s.', array_to_string(unknown, ', ')),
      format('A text may hold {{%s}}.', array_to_string(private.rule_variables(), '}}, {{')));
  end if;
  insert into public.auto_replies as r (id, inbox_id, kind, keyword, body, enabled)
  values (save_auto_reply.id, save_auto_reply.inbox_id, save_auto_reply.kind,
    case save_auto_reply.kind when 'keyword' then words end, save_auto_reply.body,
    coalesce(save_auto_reply.enabled, true))
  on conflict on constraint auto_replies_pkey do update
    set inbox_id = excluded.inbox_id, kind = excluded.kind, keyword = excluded.keyword,
        body = excluded.body, enabled = excluded.enabled
    where (r.inbox_id, r.kind, r.keyword, r.body, r.enabled)
      is distinct from (excluded.inbox_id, excluded.kind, excluded.keyword, excluded.body,
                        excluded.enabled)
  returning * into saved;
  if found then
    perform private.audit('auto_reply_saved', 'auto_replies', saved.id, to_jsonb(saved));
  else
    select * into saved from public.auto_replies r where r.id = save_auto_reply.id;
  end if;
  return jsonb_build_object('auto_replies', jsonb_build_array(to_jsonb(saved)));
end $$;

-- The rules of an inbox --------------------------------------------------------------------------

-- As before; and hours with a key that nobody reads are refused, and times that are no text.
create or replace function private.check_hours(hours jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  stray text;
  day text;
  span jsonb;
begin
  if jsonb_typeof(hours) is distinct from 'object' then
    raise exception 'they are no object';
  end if;
  select k into stray from jsonb_object_keys(hours) k
   where k <> all (array['zone', 'week', 'holidays']) order by k limit 1;
  if found then
    raise exception 'there is no "%", only zone, week and holidays', left(stray, 60);
  end if;
  if hours ->> 'zone' !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    raise exception 'the zone is named like Asia/Jakarta';
  end if;
  perform now() at time zone (hours ->> 'zone');
  if hours ->> 'zone' is null or jsonb_typeof(hours -> 'week') is distinct from 'object'
     or coalesce(jsonb_typeof(hours -> 'holidays'), 'array') <> 'array' then
    raise exception 'zone, week or holidays';
  end if;
  for day in select k from jsonb_object_keys(hours -> 'week') k loop
    if day <> all (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) then
      raise exception 'a day is named mon, tue, …';
    end if;
    if jsonb_typeof(hours -> 'week' -> day) <> 'array' then
      raise exception 'a day is a list of spans';
    end if;
    for span in select e from jsonb_array_elements(hours -> 'week' -> day) e loop
      if jsonb_typeof(span) <> 'array' or jsonb_array_length(span) <> 2
         or exists (select from jsonb_array_elements(span) t
                     where jsonb_typeof(t) <> 'string'
                        or t #>> '{}' !~ '^\d{1,2}:\d\d(:\d\d)?$' or (t #>> '{}')::time is null)
      then
        raise exception 'a span is two times, written 08:00';
      end if;
    end loop;
  end loop;
  perform d::date from jsonb_array_elements_text(hours -> 'holidays') d
    where d !~ '^\d{4}-\d\d-\d\d$' or d::date is null;
  if found then
    raise exception 'a holiday is written 2026-12-25';
  end if;
exception when others then
  perform private.refuse('bad_hours', 'These hours cannot be read: ' || sqlerrm || '.',
    'Write a zone, a week of spans and the holidays.');
end $$;

-- As before; and the refusal names the rule that does not exist, or is not of its kind.
create or replace function public.set_inbox_rules(inbox_id uuid, rules jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  stands public.inboxes;
  wanted public.inboxes;
begin
  perform private.require_supervisor('the rules of an inbox');
  select * into stands from public.inboxes i where i.id = set_inbox_rules.inbox_id
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  perform private.check_form(rules, '{"hours": "any", "routing": "boolean",
    "auto_replies_per_hour": "integer", "take_back_minutes": "integer null",
    "first_response_minutes": "integer null", "next_response_minutes": "integer null",
    "reminder_minutes": "integer null"}', 'bad_request', 'The rules of an inbox');
  begin
    wanted := jsonb_populate_record(stands, rules);
    if wanted is distinct from stands then
      update public.inboxes i
         set hours = wanted.hours, routing = wanted.routing,
             auto_replies_per_hour = wanted.auto_replies_per_hour,
             take_back_minutes = wanted.take_back_minutes,
             first_response_minutes = wanted.first_response_minutes,
             next_response_minutes = wanted.next_response_minutes,
             reminder_minutes = wanted.reminder_minutes
       where i.id = stands.id;
      perform private.audit('inbox_rules_set', 'inboxes', stands.id, rules);
    end if;
  exception when data_exception or integrity_constraint_violation then
    perform private.refuse('bad_request', 'A value is not of its kind, or out of its range.',
      'Change the value.');
  end;
  select * into stands from public.inboxes i where i.id = stands.id;
  return jsonb_build_object('inboxes', jsonb_build_array(to_jsonb(stands)));
end $$;

-- Files and templates ----------------------------------------------------------------------------

-- As before; and a file with a key that nobody reads is refused: its name or size may be missing.
create or replace function private.checked_files(files jsonb, conversation uuid) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  file jsonb;
  stored jsonb := '[]';
begin
  if files is null or jsonb_typeof(files) = 'null' then
    return stored;
  end if;
  if jsonb_typeof(files) <> 'array' then
    perform private.refuse('bad_media', 'The files are not a list.', 'Attach the files again.');
  end if;
  for file in select f from jsonb_array_elements(files) f loop
    perform private.check_form(file, '{"path": "string", "content_type": "string",
      "name": "string null", "size": "number null"}', 'bad_media', 'A file');
    if jsonb_typeof(file) <> 'object'
       or coalesce(file ->> 'path', '') not like conversation || '/_%'
       or file ->> 'path' ~ '(^|/)\.{1,2}(/|$)|//|\\'
       or coalesce(file ->> 'content_type', '') !~ '^[\w.+-]+/[\w.+-]+( *;.*)?$'
       or coalesce(jsonb_typeof(file -> 'size'), 'null') not in ('number', 'null') then
      perform private.refuse('bad_media', 'A file lies outside this conversation or has no type.',
        'Attach the file again.');
    end if;
    stored := stored || jsonb_build_array(jsonb_build_object(
      'bucket', 'attachments', 'path', file -> 'path', 'url', null,
      'content_type', file -> 'content_type', 'name', file -> 'name', 'size', file -> 'size',
      'state', 'stored', 'error', null));
  end loop;
  return stored;
end $$;

-- Refuses a template that is named by something else than what is read.
create function private.check_template(template jsonb) returns void
language sql immutable set search_path = '' as $$
  select private.check_form(template, '{"content_sid": "string null", "name": "string null",
    "language": "string null", "variables": "object null"}', 'bad_template', 'A template')
$$;

-- As before; and a template with a key that nobody reads is refused.
create or replace function private.chosen_template(template jsonb, inbox uuid, contact uuid)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  home public.inboxes;
  known public.templates;
  words constant jsonb := private.known_words(inbox, contact);
  given constant jsonb := coalesce(nullif(template -> 'variables', 'null'), '{}');
  filled jsonb;
  missing text[];
begin
  perform private.check_template(template);
  select * into home from public.inboxes i where i.id = inbox;
  if coalesce(template ->> 'content_sid', '') <> '' then
    select * into known from public.templates t where t.content_sid = template ->> 'content_sid';
  elsif coalesce(template ->> 'name', '') <> '' then
    known := private.fitting_template(template ->> 'name', array_remove(array[
      template ->> 'language',
      (select p.locale from public.contacts p where p.id = contact), home.locale], null),
      home.channel);
    if known.id is null then
      if exists (select from public.templates t where t.name = template ->> 'name') then
        perform private.refuse('template_not_approved',
          'WhatsApp has not approved this template.', 'Choose an approved template.');
      end if;
      perform private.refuse('bad_template', 'There is no template of this name.',
        'Choose another one.');
    end if;
  else
    perform private.refuse('bad_template', 'The template has no name.',
      'Choose the template again.');
  end if;

  -- What was given, with its words filled in; then what the template names by itself.
  select coalesce(jsonb_object_agg(g.key, private.filled_words(g.value, words))
           filter (where private.filled_words(g.value, words) <> ''), '{}')
    into filled from jsonb_each_text(given) g;
  select filled || coalesce(jsonb_object_agg(b.word, words -> b.word)
           filter (where not filled ? b.word and not given ? b.word and words ? b.word), '{}'),
         array_agg(distinct b.word order by b.word)
           filter (where not filled ? b.word and (given ? b.word or not words ? b.word))
    into filled, missing
    from (select m[1] as word
            from regexp_matches(coalesce(known.body, ''), '\{\{\s*(\w+)\s*\}\}', 'g') m) b;
  return jsonb_build_object(
    'content_sid', coalesce(known.content_sid, template ->> 'content_sid'),
    'name', known.name, 'language', known.language, 'variables', filled,
    'text', private.filled_template(known.body, filled),
    'missing', coalesce(to_jsonb(missing), '[]'));
end $$;

-- Each of these looks at the form of what it is given. What then does the work is the function that
-- was public until now, in the schema that the API does not show; nothing else calls it.

alter function public.send_message(uuid, uuid, text, jsonb, uuid, jsonb) set schema private;
create function public.send_message(
  id uuid, conversation_id uuid, content text default null, media jsonb default '[]',
  reply_to uuid default null, template jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if coalesce(jsonb_typeof(template), 'null') <> 'null' then
    perform private.check_template(template);
  end if;
  return private.send_message(id, conversation_id, content, media, reply_to, template);
end $$;

alter function public.change_conversations(uuid[], text, jsonb) set schema private;
create function public.change_conversations(
  conversation_ids uuid[], act text, arguments jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if coalesce(jsonb_typeof(arguments), 'null') <> 'null' then
    perform private.check_form(arguments, case act
      when 'assign' then '{"assignee_id": "string null"}'
      when 'snooze' then '{"until": "string null"}'
      when 'label' then '{"label_id": "string null", "present": "boolean"}'
      when 'priority' then '{"priority": "string null"}'
      else '{}' end::jsonb, 'bad_request', 'What is to be done');
  end if;
  return private.change_conversations(conversation_ids, act, arguments);
end $$;

alter function public.save_unless_changed(text, jsonb, jsonb) set schema private;
create function public.save_unless_changed(act text, arguments jsonb, seen jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  -- Of each act what it takes, and which fields its form may have shown besides.
  canned constant jsonb := '{"id": "string", "shortcut": "string", "body": "string null",
    "attachments": "array null"}';
  label constant jsonb := '{"id": "string", "name": "string", "color": "string null"}';
  reply constant jsonb := '{"id": "string", "inbox_id": "string", "kind": "string",
    "body": "string", "keyword": "string null", "enabled": "boolean null"}';
  kept constant jsonb := '{"messages": "integer null", "media": "integer null",
    "requests": "integer null", "audit": "integer null"}';
  form constant jsonb := case act
    when 'edit_contact' then '{"contact_id": "string", "changes": "object"}'
    when 'save_canned_reply' then canned
    when 'save_label' then label
    when 'save_auto_reply' then reply
    when 'save_inbox' then '{"inbox_id": "string", "changes": "object"}'
    when 'set_inbox_rules' then '{"inbox_id": "string", "rules": "object"}'
    when 'save_profile' then '{"profile_id": "string", "changes": "object"}'
    when 'save_retention' then kept end;
  fields constant text[] := case act
    when 'edit_contact' then array['name', 'phone', 'locale', 'notes', 'attributes']
    when 'save_inbox' then array['name', 'flagged', 'messaging_service_sid',
      'messages_per_second', 'replies_per_half_minute']
    when 'set_inbox_rules' then array['hours', 'routing', 'auto_replies_per_hour',
      'take_back_minutes', 'first_response_minutes', 'next_response_minutes', 'reminder_minutes']
    when 'save_profile' then array['display_name', 'role', 'active', 'locale', 'capacity']
    else array(select k from jsonb_object_keys(form) k) end;
begin
  if form is null then
    perform private.refuse('bad_request', 'There is no such act.');
  end if;
  perform private.check_form(arguments, form, 'bad_request', 'The arguments');
  perform private.check_names(seen, fields, 'bad_request', 'What was seen');
  return private.save_unless_changed(act, arguments, seen);
end $$;

revoke all on function
  private.check_names(jsonb, text[], text, text), private.check_form(jsonb, jsonb, text, text),
  private.check_template(jsonb), private.rule_variables(),
  private.send_message(uuid, uuid, text, jsonb, uuid, jsonb),
  private.change_conversations(uuid[], text, jsonb),
  private.save_unless_changed(text, jsonb, jsonb),
  public.send_message(uuid, uuid, text, jsonb, uuid, jsonb),
  public.change_conversations(uuid[], text, jsonb),
  public.save_unless_changed(text, jsonb, jsonb)
  from public, anon, authenticated;
grant execute on function
  public.send_message(uuid, uuid, text, jsonb, uuid, jsonb),
  public.change_conversations(uuid[], text, jsonb),
  public.save_unless_changed(text, jsonb, jsonb)
  to authenticated;
