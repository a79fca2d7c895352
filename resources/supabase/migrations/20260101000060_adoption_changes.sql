-- Adoption, step two: make way. Runs what the findings say, and notes each change with the
-- statement that undoes it. On an empty project there is nothing to do.

-- Switches triggers of the three tables off and returns the statements that switch them on again
-- as they were: old rows are not new events, and a foreign trigger may call the world.
create function private.pause_triggers(ours_too boolean) returns text[]
language plpgsql set search_path = '' as $$
declare
  one record;
  resume text[] := '{}';
begin
  for one in
    select c.relname as tab, g.tgname as name, g.tgenabled as mode
      from pg_trigger g join pg_class c on c.oid = g.tgrelid
     where not g.tgisinternal and g.tgenabled <> 'D' and c.relnamespace = 'public'::regnamespace
       and c.relname in ('profiles', 'conversations', 'messages')
       and (ours_too or g.tgname !~ '^(balas_|zz_balas_)')
  loop
    execute format('alter table public.%I disable trigger %I', one.tab, one.name);
    resume := resume || format('alter table public.%I enable %strigger %I', one.tab,
      case one.mode when 'R' then 'replica ' when 'A' then 'always ' else '' end, one.name);
  end loop;
  return resume;
end $$;

create function private.resume_triggers(resume text[]) returns void
language plpgsql set search_path = '' as $$
declare
  statement text;
begin
  foreach statement in array resume loop
    execute statement;
  end loop;
end $$;
revoke all on function private.pause_triggers(boolean), private.resume_triggers(text[]) from public;

do $$
declare
  -- all of it before the first change: later ones would look different
  findings constant jsonb := (select jsonb_agg(to_jsonb(f)) from private.adoption_findings() f);
  finding record;
  stops text;
  resume text[];
begin
  select string_agg(f ->> 'words', ' ') into stops
    from jsonb_array_elements(findings) f where (f ->> 'blocking')::boolean;
  if stops is not null then
    raise exception 'Balas cannot take in this database: %', stops
      using hint = 'Nothing was changed. Handle what is named, then run the migration again.';
  end if;
  resume := private.pause_triggers(true);
  for finding in
    select * from jsonb_to_recordset(findings)
      as f (subject text, kind text, words text, change text, undo text)
  loop
    if finding.change is not null then
      -- a table with deferred checks still to come cannot be altered
      set constraints all immediate;
      execute finding.change;
    end if;
    insert into private.adoption (subject, kind, words, change, undo)
    values (finding.subject, finding.kind, finding.words, finding.change, finding.undo);
  end loop;
  set constraints all immediate;
  perform private.resume_triggers(resume);
end $$;

drop function private.adoption_findings();
drop function private.adoption_access();
drop function private.adoption_values();
drop function private.adoption_columns();
drop function private.adoption_stops();
drop function private.check_admits(regclass, text, smallint[]);
drop function private.our_columns();
