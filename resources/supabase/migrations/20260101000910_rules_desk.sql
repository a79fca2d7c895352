-- The team's rules, part six: how supervisors and administrators set them. What an inbox says by
-- itself, when it is open and who gets whom speaks for the house, so each change is in the audit log.

-- Makes an automatic reply, or changes the one with this id. kind: greeting, away or keyword, with
-- `keyword` as in the table's comments. One that is not enabled is kept and not used.
create function public.save_auto_reply(
  id uuid, inbox_id uuid, kind text, body text, keyword text default null,
  enabled boolean default true) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  words constant text := nullif(btrim(save_auto_reply.keyword), '');
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

create function public.delete_auto_reply(id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  gone public.auto_replies;
begin
  perform private.require_supervisor('automatic replies');
  delete from public.auto_replies r where r.id = delete_auto_reply.id returning * into gone;
  if found then
    perform private.audit('auto_reply_deleted', 'auto_replies', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('auto_replies', jsonb_build_array(delete_auto_reply.id)));
end $$;

-- Changes the rules of an inbox. rules: any of hours, routing, auto_replies_per_hour,
-- take_back_minutes, first_response_minutes, next_response_minutes, reminder_minutes, as in the
-- table's comments; what is not named stays.
create function public.set_inbox_rules(inbox_id uuid, rules jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known constant text[] := array['hours', 'routing', 'auto_replies_per_hour', 'take_back_minutes',
    'first_response_minutes', 'next_response_minutes', 'reminder_minutes'];
  stands public.inboxes;
  wanted public.inboxes;
begin
  perform private.require_supervisor('the rules of an inbox');
  select * into stands from public.inboxes i where i.id = set_inbox_rules.inbox_id
     for no key update;
  if stands.id is null then
    perform private.refuse('not_found', 'There is no such inbox.', 'Choose another one.');
  end if;
  if jsonb_typeof(rules) is distinct from 'object' or rules - known <> '{}' then
    perform private.refuse('bad_request', 'Something else than the rules of an inbox is named.');
  end if;
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

-- How many open conversations somebody gets at most by routing.
create function public.set_capacity(profile_id uuid, capacity integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.profiles;
begin
  perform private.require_supervisor('how much somebody gets');
  if set_capacity.capacity is null or set_capacity.capacity not between 0 and 10000 then
    perform private.refuse('bad_request', 'This is no number from 0 to 10,000.',
      'Choose another one.');
  end if;
  select * into person from public.profiles p where p.id = set_capacity.profile_id
     for no key update;
  if person.id is null then
    perform private.refuse('not_found', 'There is no such person.', 'Choose another one.');
  end if;
  if person.capacity <> set_capacity.capacity then
    update public.profiles p set capacity = set_capacity.capacity where p.id = person.id
    returning * into person;
    perform private.audit('capacity_set', 'profiles', person.id,
      jsonb_build_object('capacity', person.capacity));
  end if;
  return jsonb_build_object('profiles', jsonb_build_array(to_jsonb(person)));
end $$;

revoke all on function
  public.save_auto_reply(uuid, uuid, text, text, text, boolean), public.delete_auto_reply(uuid),
  public.set_inbox_rules(uuid, jsonb), public.set_capacity(uuid, integer)
  from public, anon, authenticated;
grant execute on function
  public.save_auto_reply(uuid, uuid, text, text, text, boolean), public.delete_auto_reply(uuid),
  public.set_inbox_rules(uuid, jsonb), public.set_capacity(uuid, integer)
  to authenticated;
