-- What agents do, part four: labels and canned replies.
--
-- Everybody puts labels on and off and uses canned replies; supervisors and administrators make and
-- change them. Made up in the middle of a chat they multiply ("Komplain", "komplain ", "keluhan"),
-- and then neither a filter nor a report finds everything; and a canned reply speaks for the house.

create function private.require_supervisor(what text) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may change ' || what || '.', 'Ask a supervisor.');
  end if;
end $$;

create function private.audit(action text, subject_type text, subject uuid, data jsonb)
returns void
language sql volatile security definer set search_path = '' as $$
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (auth.uid(), action, subject_type, subject::text, jsonb_strip_nulls(data))
$$;

-- Puts a label on the conversation, or takes it off. Answers with the rows as a page of the feed
-- has them; {"deleted": {"conversation_labels": [<conversation>:<label>]}} when it was taken off.
create function public.set_label(conversation_id uuid, label_id uuid, present boolean)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known public.labels;
  thread public.conversations;
  told uuid;
begin
  -- The label first: who deletes it holds it while every conversation's mark goes, and must not
  -- wait for one that we hold.
  select * into known from public.labels l where l.id = set_label.label_id for key share;
  thread := private.lock_my_conversation(set_label.conversation_id);
  if present is null then
    perform private.refuse('bad_request', 'The label is neither to be put on nor taken off.');
  end if;
  if present and known.id is null then
    perform private.refuse('not_found', 'This label is gone.', 'Choose another.');
  end if;
  if present then
    insert into public.conversation_labels (conversation_id, label_id)
    values (thread.id, known.id)
    on conflict on constraint conversation_labels_pkey do nothing;
    if found then
      told := private.tell(thread, 'labelled',
        jsonb_build_object('label_id', known.id, 'label_name', known.name));
    end if;
  else
    delete from public.conversation_labels l
     where l.conversation_id = thread.id and l.label_id = set_label.label_id;
    if found then
      told := private.tell(thread, 'unlabelled',
        jsonb_build_object('label_id', known.id, 'label_name', known.name));
    end if;
  end if;
  return private.changed_thread(thread.id, told) || jsonb_build_object(
    'conversation_labels', (
      select coalesce(jsonb_agg(to_jsonb(l)), '[]') from public.conversation_labels l
       where l.conversation_id = thread.id and l.label_id = set_label.label_id),
    'deleted', case when present then '{}' else jsonb_build_object(
      'conversation_labels', jsonb_build_array(thread.id || ':' || set_label.label_id)) end);
end $$;

-- Makes a label, or changes the one with this id. `color` is a name of the desktop's palette or
-- #rrggbb: its form is checked and not its name, so that a newer desktop may know more of them.
create function public.save_label(id uuid, name text, color text default '') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  wanted constant text := btrim(regexp_replace(coalesce(save_label.name, ''), '\s+', ' ', 'g'));
  tint constant text := lower(coalesce(save_label.color, ''));
  saved public.labels;
begin
  perform private.require_supervisor('labels');
  if save_label.id is null then
    perform private.refuse('bad_id', 'The label has no id.');
  end if;
  if wanted = '' or char_length(wanted) > 40 or wanted ~ '[[:cntrl:]]' then
    perform private.refuse('bad_name', 'A label needs a name of at most 40 characters.',
      'Write a short name.');
  end if;
  if tint !~ '^([a-z]{0,20}|#[0-9a-f]{6})$' then
    perform private.refuse('bad_color', 'This is no colour.', 'Choose one of the list.');
  end if;
  -- Two people who add the same label at once: the second one is told.
  perform pg_advisory_xact_lock(hashtextextended('balas:labels', 0));
  if exists (select from public.labels l
              where lower(l.name) = lower(wanted) and l.id <> save_label.id) then
    perform private.refuse('taken', 'There is a label of this name already.',
      'Use that one, or choose another name.');
  end if;
  insert into public.labels as l (id, name, color) values (save_label.id, wanted, tint)
  on conflict on constraint labels_pkey do update
    set name = excluded.name, color = excluded.color
    where (l.name, l.color) is distinct from (excluded.name, excluded.color)
  returning * into saved;
  if found then
    perform private.audit('label_saved', 'labels', saved.id, to_jsonb(saved));
  else
    select * into saved from public.labels l where l.id = save_label.id;
  end if;
  return jsonb_build_object('labels', jsonb_build_array(to_jsonb(saved)));
end $$;

-- Deletes a label everywhere. No event in each conversation: a label of ten thousand threads would
-- fill ten thousand of them with the same line. The audit log has it once.
create function public.delete_label(id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  gone public.labels;
begin
  perform private.require_supervisor('labels');
  delete from public.labels l where l.id = delete_label.id returning * into gone;
  if found then
    perform private.audit('label_deleted', 'labels', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('labels', jsonb_build_array(delete_label.id)));
end $$;

-- The files of a canned reply, after checking every one. They lie in the bucket `attachments` in
-- canned/{reply}/…; the desktop puts a copy into the conversation when it sends one, because a
-- message may only carry files of its own conversation (checked_files).
create function private.checked_canned_files(files jsonb, reply uuid) returns jsonb
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
  if jsonb_array_length(files) > 10 then
    perform private.refuse('too_many_files', 'A canned reply carries at most 10 files.',
      'Remove some.');
  end if;
  for file in select f from jsonb_array_elements(files) f loop
    if jsonb_typeof(file) <> 'object'
       or coalesce(file ->> 'path', '') not like 'canned/' || reply || '/_%'
       or file ->> 'path' ~ '(^|/)\.{1,2}(/|$)|//|\\'
       or coalesce(file ->> 'name', '') = '' or char_length(file ->> 'name') > 200
       or coalesce(file ->> 'content_type', '') !~ '^[\w.+-]+/[\w.+-]+( *;.*)?$'
       or coalesce(jsonb_typeof(file -> 'size'), 'null') <> 'number' then
      perform private.refuse('bad_media', 'A file lies elsewhere, or has no name, type or size.',
        'Attach the file again.');
    end if;
    stored := stored || jsonb_build_array(jsonb_build_object('path', file -> 'path',
      'name', file -> 'name', 'content_type', file -> 'content_type', 'size', file -> 'size'));
  end loop;
  return stored;
end $$;

-- Makes a canned reply, or changes the one with this id. `shortcut` is what stands after the
-- slash; the body may hold {{variables}}, which the desktop fills in.
create function public.save_canned_reply(
  id uuid, shortcut text, body text, attachments jsonb default '[]') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  word constant text := lower(ltrim(btrim(coalesce(save_canned_reply.shortcut, '')), '/'));
  files jsonb;
  saved public.canned_replies;
begin
  perform private.require_supervisor('canned replies');
  if save_canned_reply.id is null then
    perform private.refuse('bad_id', 'The canned reply has no id.');
  end if;
  if word !~ '^[^\s/[:cntrl:]]{1,32}$' then
    perform private.refuse('bad_name', 'A shortcut is one word of at most 32 characters.',
      'Write one short word, for example halo.');
  end if;
  files := private.checked_canned_files(save_canned_reply.attachments, save_canned_reply.id);
  if btrim(coalesce(save_canned_reply.body, ''), E' \t\r\n') = '' and files = '[]' then
    perform private.refuse('empty_message', 'There is nothing to send.', 'Write something.');
  end if;
  if char_length(save_canned_reply.body) > 1600 then
    perform private.refuse('too_long', 'The text is longer than 1,600 characters.', 'Shorten it.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('balas:canned_replies', 0));
  if exists (select from public.canned_replies r
              where lower(r.shortcut) = word and r.id <> save_canned_reply.id) then
    perform private.refuse('taken', 'There is a canned reply /' || word || ' already.',
      'Change that one, or choose another shortcut.');
  end if;
  insert into public.canned_replies as r (id, shortcut, body, attachments)
  values (save_canned_reply.id, word, coalesce(save_canned_reply.body, ''), files)
  on conflict on constraint canned_replies_pkey do update
    set shortcut = excluded.shortcut, body = excluded.body, attachments = excluded.attachments
    where (r.shortcut, r.body, r.attachments)
      is distinct from (excluded.shortcut, excluded.body, excluded.attachments)
  returning * into saved;
  if found then
    perform private.audit('canned_reply_saved', 'canned_replies', saved.id, to_jsonb(saved));
  else
    select * into saved from public.canned_replies r where r.id = save_canned_reply.id;
  end if;
  return jsonb_build_object('canned_replies', jsonb_build_array(to_jsonb(saved)));
end $$;

create function public.delete_canned_reply(id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  gone public.canned_replies;
begin
  perform private.require_supervisor('canned replies');
  delete from public.canned_replies r where r.id = delete_canned_reply.id returning * into gone;
  if found then
    perform private.audit('canned_reply_deleted', 'canned_replies', gone.id, to_jsonb(gone));
  end if;
  return jsonb_build_object('deleted',
    jsonb_build_object('canned_replies', jsonb_build_array(delete_canned_reply.id)));
end $$;

revoke all on function
  private.require_supervisor(text), private.audit(text, text, uuid, jsonb),
  private.checked_canned_files(jsonb, uuid),
  public.set_label(uuid, uuid, boolean), public.save_label(uuid, text, text),
  public.delete_label(uuid), public.save_canned_reply(uuid, text, text, jsonb),
  public.delete_canned_reply(uuid)
  from public, anon, authenticated;
grant execute on function
  public.set_label(uuid, uuid, boolean), public.save_label(uuid, text, text),
  public.delete_label(uuid), public.save_canned_reply(uuid, text, text, jsonb),
  public.delete_canned_reply(uuid)
  to authenticated;
