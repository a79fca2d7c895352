-- Privacy, part four: the audit log of administrative acts.
--
-- The functions of the desk write their own entries, in the words of what was done (private.audit).
-- What has no such function, or is changed past them by the command line, by SQL or by a program of
-- the project's own, is written by the triggers here: people and their rights, inboxes and their
-- members, automatic replies, settings. `actor_id` is null where nobody was signed in.

-- One entry for each row that changed: {"before": {…}, "after": {…}} with the columns that differ.
-- Arguments: whether entries are written for people who are signed in as well, and the columns that
-- are an administrative act: an adopted table has others, which are nobody's business here.
create function private.audit_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row constant jsonb := coalesce(is_now, was);
begin
  if tg_argv[0] = 'others' and auth.uid() is not null then
    return null;
  end if;
  select jsonb_object_agg(w.key, w.value) into was
    from jsonb_each(was) w where w.key = any (tg_argv[1:]);
  select jsonb_object_agg(w.key, w.value) into is_now
    from jsonb_each(is_now) w where w.key = any (tg_argv[1:]);
  -- Somebody without a role sees nothing before they are in an inbox, and that has its own entry; an
  -- adopted table may get a row for every customer that signs up.
  if tg_op = 'INSERT' and is_now ->> 'role' = 'agent' then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    if was = is_now then
      return null;
    end if;
    -- only what differs
    select coalesce(jsonb_object_agg(w.key, w.value), '{}'),
           coalesce(jsonb_object_agg(w.key, is_now -> w.key), '{}')
      into was, is_now
      from jsonb_each(was) w where w.value is distinct from is_now -> w.key;
  end if;
  insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
  values (auth.uid(),
    tg_table_name || case tg_op when 'INSERT' then '_added' when 'UPDATE' then '_changed'
                                else '_removed' end,
    tg_table_name,
    coalesce(row ->> 'id', row ->> 'key', (row ->> 'inbox_id') || ':' || (row ->> 'profile_id')),
    jsonb_strip_nulls(jsonb_build_object('before', was, 'after', is_now)));
  return null;
end $$;

do $$
declare
  watched record;
begin
  for watched in
    select * from (values
      ('profiles', $q$'all', 'id', 'role', 'active'$q$),
      ('inboxes', $q$'others', 'id', 'name', 'channel', 'address', 'messaging_service_sid', 'hours',
        'greeting', 'flagged', 'routing', 'auto_replies_per_hour', 'take_back_minutes',
        'first_response_minutes', 'next_response_minutes', 'reminder_minutes',
        'messages_per_second', 'replies_per_half_minute'$q$),
      ('inbox_members', $q$'all', 'inbox_id', 'profile_id'$q$),
      ('auto_replies', $q$'others', 'id', 'inbox_id', 'kind', 'keyword', 'body', 'enabled'$q$),
      ('settings', $q$'all', 'key', 'value'$q$)) as t (name, arguments)
  loop
    execute format('create trigger balas_audit_added after insert or delete on public.%I
      for each row execute function private.audit_change(%s)', watched.name, watched.arguments);
    execute format('create trigger balas_audit_changed after update on public.%I
      for each row when (old.* *<> new.*)
      execute function private.audit_change(%s)', watched.name, watched.arguments);
  end loop;
end $$;

-- A page of the audit log, newest first, for administrators: {"audit": [{"id", "at", "actor_id",
-- "actor_name", "action", "subject_type", "subject_id", "data"}], "more"}. `before` is the id of
-- the last entry that one has; null begins at the newest.
create function public.audit(before bigint default null, page_size integer default 50)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  size constant integer := least(greatest(coalesce(page_size, 50), 1), 500);
  page jsonb;
begin
  if not private.is_admin() then
    perform private.refuse('not_allowed', 'Only administrators may read the audit log.',
      'Ask an administrator.');
  end if;
  select coalesce(jsonb_agg(to_jsonb(e) order by e.id desc), '[]') into page
    from (
      select a.id, a.at, a.actor_id, private.name_of(a.actor_id) as actor_name, a.action,
             a.subject_type, a.subject_id, a.data
        from public.audit_log a
       where audit.before is null or a.id < audit.before
       order by a.id desc limit size + 1) e;
  return jsonb_build_object('more', jsonb_array_length(page) > size,
    'audit', case when jsonb_array_length(page) > size then page - size else page end);
end $$;

revoke all on function private.audit_change(), public.audit(bigint, integer)
  from public, anon, authenticated;
grant execute on function public.audit(bigint, integer) to authenticated;
