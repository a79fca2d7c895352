-- Search on the server for people: by any word of their name, begun or whole, and by any part of
-- their number, however it is typed: 0812-3456, +62 812 3456, its last four digits.
--
-- As with messages, what is searched lies beside the table: a word of it is a word of the name, the
-- end of a number from each of its digits on (so that a part of a number is the beginning of such an
-- end), or "~" and an inbox in which the person has a conversation.

create table private.searchable_contacts (
  contact_id uuid primary key,
  name_key text not null,
  words tsvector not null
);
comment on table private.searchable_contacts is
  'One row for each contact who was not merged into another; name_key is the order of what is found.';
alter table private.searchable_contacts enable row level security;
revoke all on private.searchable_contacts from public, anon, authenticated;

-- The ends of a number, of three digits and more.
create function private.number_ends(address text) returns setof text
language sql immutable parallel safe set search_path = '' as $$
  select substr(d.digits, n)
    from (select left(regexp_replace(address, '\D', '', 'g'), 40) as digits) d
   cross join lateral generate_series(1, greatest(char_length(d.digits) - 2, 0)) n
$$;

-- What is searched of these contacts, as they are now.
create function private.contact_words(contacts uuid[])
returns setof private.searchable_contacts
language sql stable security definer set search_path = '' as $$
  select p.id, left(private.folded(coalesce(nullif(btrim(p.name), ''), p.phone, '')), 80),
         array_to_tsvector(array(
           select distinct left(w, 60)
             from string_to_table(private.folded(left(p.name, 1000)), ' ') w where w <> ''
           union
           select private.number_ends(p.phone)
           union
           select private.number_ends(a.address)
             from public.contact_addresses a where a.contact_id = p.id
           union
           select '~' || c.inbox_id from public.conversations c
            where c.contact_id = p.id and c.inbox_id is not null))
    from public.contacts p
   where p.id = any (contacts) and p.merged_into is null
$$;

create function private.renew_contact_search(contacts uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- One at a time for each contact, so that the later one sees what the earlier one wrote.
  perform from public.contacts p where p.id = any (contacts) order by p.id for no key update;
  delete from private.searchable_contacts s
   where s.contact_id = any (contacts)
     and not exists (select from public.contacts p
                      where p.id = s.contact_id and p.merged_into is null);
  insert into private.searchable_contacts as s
  select * from private.contact_words(contacts)
  on conflict (contact_id) do update set name_key = excluded.name_key, words = excluded.words
    where (s.name_key, s.words) is distinct from (excluded.name_key, excluded.words);
end $$;

-- Rows that came or went; the argument is the column that names the contact.
create function private.note_contact_search() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct (to_jsonb(n) ->> tg_argv[0])::uuid) into touched from new_rows n;
  else
    select array_agg(distinct (to_jsonb(o) ->> tg_argv[0])::uuid) into touched from old_rows o;
  end if;
  if touched is not null then
    perform private.renew_contact_search(array_remove(touched, null));
  end if;
  return null;
end $$;

-- A row that changed in what is searched.
create function private.note_contact_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.renew_contact_search(array_remove(array[
    (to_jsonb(old) ->> tg_argv[0])::uuid, (to_jsonb(new) ->> tg_argv[0])::uuid], null));
  return null;
end $$;

do $$
declare
  watched record;
begin
  for watched in
    select * from (values
      ('contacts', 'id', '(old.name, old.phone, old.merged_into)
        is distinct from (new.name, new.phone, new.merged_into)'),
      ('contact_addresses', 'contact_id', '(old.contact_id, old.address)
        is distinct from (new.contact_id, new.address)'),
      ('conversations', 'contact_id', '(old.contact_id, old.inbox_id)
        is distinct from (new.contact_id, new.inbox_id)')) as t (name, contact, changed)
  loop
    execute format('create trigger balas_people_insert after insert on public.%I
      referencing new table as new_rows for each statement
      execute function private.note_contact_search(%L)', watched.name, watched.contact);
    execute format('create trigger balas_people_update after update on public.%I
      for each row when (%s) execute function private.note_contact_change(%L)',
      watched.name, watched.changed, watched.contact);
    execute format('create trigger balas_people_delete after delete on public.%I
      referencing old table as old_rows for each statement
      execute function private.note_contact_search(%L)', watched.name, watched.contact);
  end loop;
end $$;

-- Adds who is missing. For this migration, and for whoever filled the tables with triggers off.
create function private.refill_contact_search() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  added bigint;
begin
  insert into private.searchable_contacts
  select w.* from private.contact_words(array(select p.id from public.contacts p)) w
  on conflict (contact_id) do nothing;
  get diagnostics added = row_count;
  return added;
end $$;

select private.refill_contact_search();
create index searchable_contacts_name on private.searchable_contacts (name_key, contact_id);
create index searchable_contacts_words on private.searchable_contacts using gin (words)
  with (fastupdate = on, gin_pending_list_limit = 256);

-- What is asked for, as a query for the words above; null when nothing is. What is typed as a number
-- is one number, whatever stands between its digits; 0 or 00 before it is how it is dialled.
create function private.people_query(query text) returns tsquery
language sql immutable parallel safe set search_path = '' as $$
  select case when left(query, 200) ~ '^[\s\d+().\-/–]*\d[\s\d+().\-/–]*$'
    then (select ('''' || d.digits || ''':*')::tsquery
            from (select left(regexp_replace(
                    regexp_replace(query, '\D', '', 'g'), '^0+(?=\d)', ''), 40) as digits) d)
    else private.search_query(regexp_replace(left(query, 200), '(^|\s)0+(?=\d{3})', '\1', 'g')) end
$$;

-- Contacts whom the caller may see, by name: {"contacts": rows as in the feed, "conversations": their
-- conversations that the caller may see, "more": whether there are others: then more is to be typed}.
-- Who never wrote is in no inbox, and found by supervisors only.
--
-- What many have is found among the first thousands in the order of names; where these do not fill
-- the page, few have it, and the index names them all.
create function public.search_contacts(query text, page_size integer default 20) returns jsonb
language plpgsql stable security definer set search_path = ''
set enable_seqscan = off set jit = off
as $$
declare
  nearby constant integer := 5000;
  most constant integer := least(greatest(coalesce(page_size, 20), 1), 100);
  mine constant uuid[] := array(select private.my_inboxes());
  wanted tsquery := private.people_query(search_contacts.query);
  hits uuid[];
begin
  if wanted is not null and not private.is_supervisor() then
    wanted := wanted && (select string_agg('''~' || i || '''', ' | ')::tsquery from unnest(mine) i);
  end if;
  if wanted is not null and cardinality(mine) > 0 then
    select array_agg(p.contact_id order by p.name_key, p.contact_id) into hits
      from (
        select s.contact_id, s.name_key
          from (
            select s.contact_id, s.name_key, s.words from private.searchable_contacts s
             order by s.name_key, s.contact_id limit nearby) s
         where s.words @@ wanted
         order by s.name_key, s.contact_id limit most + 1) p;
    if coalesce(cardinality(hits), 0) <= most then
      with found as materialized (
        select s.contact_id, s.name_key from private.searchable_contacts s where s.words @@ wanted)
      select array_agg(p.contact_id order by p.name_key, p.contact_id) into hits
        from (select f.contact_id, f.name_key from found f
               order by f.name_key, f.contact_id limit most + 1) p;
    end if;
  end if;
  return jsonb_build_object(
    'contacts', (
      select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('addresses', (
               select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
                 from public.contact_addresses a where a.contact_id = p.id)) order by h.n), '[]')
        from unnest(hits[1:most]) with ordinality h (id, n)
        join public.contacts p on p.id = h.id and private.may_see_contact(p.id)),
    'conversations', (
      select coalesce(jsonb_agg(to_jsonb(c) order by c.last_message_at desc nulls last, c.id), '[]')
        from public.conversations c
       where c.contact_id = any (hits[1:most]) and c.inbox_id = any (mine)),
    'more', coalesce(cardinality(hits), 0) > most);
end $$;

revoke all on function
  private.number_ends(text), private.contact_words(uuid[]), private.renew_contact_search(uuid[]),
  private.note_contact_search(), private.note_contact_change(), private.refill_contact_search(),
  private.people_query(text), public.search_contacts(text, integer)
  from public, anon, authenticated;
grant execute on function public.search_contacts(text, integer) to authenticated;
