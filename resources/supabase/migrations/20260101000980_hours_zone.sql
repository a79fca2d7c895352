-- Refuses hours that cannot be read, and a time zone that is none of a place: "+07" and "UTC+7" are
-- rules of POSIX, in which they mean seven hours to the west.
create or replace function private.check_hours(hours jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  day text;
  span jsonb;
begin
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
    for span in select e from jsonb_array_elements(hours -> 'week' -> day) e loop
      if jsonb_array_length(span) <> 2 or (span ->> 0)::time is null or (span ->> 1)::time is null
      then
        raise exception 'a span is two times';
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
