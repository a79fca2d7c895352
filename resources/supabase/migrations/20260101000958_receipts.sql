-- Privacy, part six: the receipts of erasures, to be read, and to be kept beside the database.
--
-- A backup that is restored brings back who was erased after it was made. What it takes to erase them
-- again is in the receipts: the contact's id, under which the backup has them, and the SIDs of their
-- messages, which Twilio still lists. Neither says who it was. `balas erasures export` writes them to
-- a file, `balas erasures replay` goes through it after a restore.

-- A page of the receipts, newest first, for supervisors and administrators: {"erasures": rows, with
-- "requested_by_name", "more"}. `before` is the id of the last one that one has.
create function public.receipts(before uuid default null, page_size integer default 50)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  size constant integer := least(greatest(coalesce(page_size, 50), 1), 500);
  edge public.erasures;
  page jsonb;
begin
  if not private.is_supervisor() then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators may look at this.', 'Ask a supervisor.');
  end if;
  if receipts.before is not null then
    select * into edge from public.erasures e where e.id = receipts.before;
    if edge.id is null then
      perform private.refuse('bad_cursor', 'This is not where a page ended.', 'Begin anew.');
    end if;
  end if;
  select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object(
           'requested_by_name', private.name_of(e.requested_by))
           order by e.requested_at desc, e.id desc), '[]') into page
    from (
      select * from public.erasures e
       where edge.id is null or (e.requested_at, e.id) < (edge.requested_at, edge.id)
       order by e.requested_at desc, e.id desc limit size + 1) e;
  return jsonb_build_object('more', jsonb_array_length(page) > size,
    'erasures', case when jsonb_array_length(page) > size then page - size else page end);
end $$;

-- Erases again what these receipts say, [{"id", "contact_id", "requested_by", "requested_at"}], and
-- lets these messages not come back. What this database knows of already is left alone, so repeating
-- it is harmless. Returns how many erasures begin.
create function private.replay_erasures(receipts jsonb, sids text[]) returns integer
language plpgsql set search_path = '' as $$
declare
  asked public.erasures;
  begun integer := 0;
begin
  insert into private.erased_sids (sid) select unnest(sids) on conflict do nothing;
  for asked in
    select * from jsonb_populate_recordset(null::public.erasures, receipts) r
     order by r.requested_at, r.id
  loop
    insert into public.erasures (id, contact_id, requested_by, requested_at)
    values (asked.id, asked.contact_id, asked.requested_by, asked.requested_at)
    on conflict do nothing;
    continue when not found;
    update public.contacts c set blocked = true where c.id = asked.contact_id and not c.blocked;
    update public.messages m set status = 'canceled'
      from public.conversations c
     where c.contact_id = asked.contact_id and m.conversation_id = c.id
       and m.direction = 'outbound' and m.status in ('queued', 'scheduled');
    insert into public.audit_log (actor_id, action, subject_type, subject_id, data)
    values (asked.requested_by, 'contact_erasure_replayed', 'contacts', asked.contact_id::text,
            jsonb_build_object('erasure_id', asked.id));
    perform private.enqueue_erasure(asked.id);
    begun := begun + 1;
  end loop;
  return begun;
end $$;

revoke all on function
  public.receipts(uuid, integer), private.replay_erasures(jsonb, text[])
  from public, anon, authenticated;
grant execute on function public.receipts(uuid, integer) to authenticated;
