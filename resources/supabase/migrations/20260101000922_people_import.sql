-- Contacts from a file and into one: what `balas contacts` calls. Not for agents.

-- Takes in a batch of contacts; a contact is found by its addresses, so that taking in the same file
-- again changes nothing. What we know stays, and what the file knows more is added; with `overwrite`
-- the file's word counts. Nothing is ever cleared, unblocked or opted in by a file.
--
-- batch: [{"line", "name", "phone", "locale", "notes", "blocked", "attributes", "addresses": [text],
-- "opted_out": [text]}, …]. Returns [{"line", "outcome": added|changed|same|refused, "words"}, …].
create function private.import_contacts(batch jsonb, overwrite boolean default false)
returns jsonb
language plpgsql set search_path = ''
-- The plans are made while the tables are small and kept while they grow: always by index.
set enable_seqscan = off set jit = off as $$
declare
  answers jsonb := '[]';
  item jsonb;
  outcome text;
  words text;
begin
  -- One at a time: the contacts of two files may be the same in another order.
  perform pg_advisory_xact_lock(hashtextextended('balas:import', 0));
  perform pg_advisory_xact_lock(hashtextextended('balas:address:' || x, 0))
    from (select distinct x from jsonb_array_elements(batch) b
           cross join lateral jsonb_array_elements_text(b -> 'addresses') x order by x) o;
  for item in select b from jsonb_array_elements(batch) with ordinality e (b, n) order by e.n loop
    words := null;
    begin
      outcome := private.import_contact(item, overwrite);
    exception when raise_exception then
      get stacked diagnostics words = pg_exception_detail;
      outcome := 'refused';
    end;
    answers := answers || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
      'line', item -> 'line', 'outcome', outcome, 'words', words)));
  end loop;
  return answers;
end $$;

-- One of them; the caller holds the locks of its addresses. 'added', 'changed' or 'same'.
create function private.import_contact(item jsonb, overwrite boolean) returns text
language plpgsql set search_path = '' as $$
declare
  given constant text[] := array(select jsonb_array_elements_text(item -> 'addresses'));
  silent constant text[] := array(select jsonb_array_elements_text(item -> 'opted_out'));
  owners uuid[];
  person uuid;
  before public.contacts;
  after public.contacts;
  changed boolean := false;
begin
  if cardinality(given) = 0 then
    perform private.refuse('bad_address', 'There is no number.');
  end if;
  if exists (select from unnest(given) x
              where x <> coalesce(private.address_of(
                x, case when x like 'whatsapp:%' then 'whatsapp' else 'sms' end), '')) then
    perform private.refuse('bad_address', 'This is no number that can be written to.');
  end if;
  select array_agg(distinct a.contact_id) into owners
    from public.contact_addresses a where a.address = any (given);
  if cardinality(owners) > 1 then
    perform private.refuse('taken', 'These numbers belong to several contacts.');
  end if;
  if owners is null then
    insert into public.contacts default values returning id into person;
  else
    person := private.lock_contact(owners[1]);
  end if;
  select * into before from public.contacts p where p.id = person;

  after := before;
  if overwrite then
    after.name := coalesce(item ->> 'name', before.name);
    after.phone := coalesce(item ->> 'phone', before.phone);
    after.locale := coalesce(item ->> 'locale', before.locale);
    after.notes := coalesce(item ->> 'notes', before.notes);
    after.attributes := private.changed_attributes(before.attributes, item -> 'attributes');
  else
    after.name := coalesce(nullif(before.name, ''), item ->> 'name');
    after.phone := coalesce(before.phone, item ->> 'phone');
    after.locale := coalesce(before.locale, item ->> 'locale');
    after.notes := coalesce(nullif(before.notes, ''), item ->> 'notes');
    after.attributes := private.changed_attributes(before.attributes, (item -> 'attributes')
      - array(select jsonb_object_keys(before.attributes)));
  end if;
  after.blocked := before.blocked or coalesce((item ->> 'blocked')::boolean, false);
  if after is distinct from before then
    update public.contacts p
       set name = after.name, phone = after.phone, locale = after.locale, notes = after.notes,
           attributes = after.attributes, blocked = after.blocked
     where p.id = person;
    changed := true;
  end if;
  changed := private.change_addresses(person, given, '{}') or changed;
  update public.contact_addresses a set opted_out_at = clock_timestamp()
   where a.contact_id = person and a.address = any (silent) and a.opted_out_at is null;
  changed := changed or found;
  return case when owners is null then 'added' when changed then 'changed' else 'same' end;
end $$;

-- Every contact as a row of a file, by name; of one inbox or of all.
create function private.exported_contacts(inbox uuid default null) returns setof jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('name', p.name, 'phone', p.phone, 'locale', p.locale,
      'notes', p.notes, 'blocked', p.blocked, 'attributes', p.attributes,
      'created_at', p.created_at,
      'addresses', coalesce(a.listed, '[]'), 'opted_out', coalesce(a.silent, '[]'))
    from public.contacts p
    left join lateral (
      select jsonb_agg(a.address order by a.created_at, a.address) as listed,
             jsonb_agg(a.address order by a.created_at, a.address)
               filter (where a.opted_out_at is not null) as silent
        from public.contact_addresses a where a.contact_id = p.id) a on true
   where p.merged_into is null
     and (inbox is null or exists (
       select from public.conversations c where c.contact_id = p.id and c.inbox_id = inbox))
   order by p.name nulls last, p.id
$$;

revoke all on function
  private.import_contacts(jsonb, boolean), private.import_contact(jsonb, boolean),
  private.exported_contacts(uuid)
  from public, anon, authenticated;
