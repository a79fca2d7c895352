-- What the service calls, part nine: emptying a spool. What an outage has piled up is stored many
-- requests to a commit; each is stored as its own function does it, late ones with their own time.

-- batch: an array, in the order of arrival, of {"report"} as for apply_status or of {"request",
-- "body" (base64), "headers", "flagged", "path", "at"} as for ingest. Returns what became of each,
-- in a word. All or nothing: if one cannot be stored none is, and the caller takes them one by one.
create function private.drain_together(batch jsonb) returns text[]
language plpgsql set search_path = ''
as $$
declare
  item jsonb;
  answer jsonb;
  results text[] := '{}';
  address text;
begin
  -- All at the start and in one order, so that two batches wait for each other but never for ever.
  for address in
    select distinct a from jsonb_array_elements(batch) e,
           jsonb_array_elements_text(e #> '{request,addresses}') a order by a
  loop
    perform pg_advisory_xact_lock(hashtextextended('balas:address:' || address, 0));
  end loop;
  for item in select e from jsonb_array_elements(batch) e loop
    if item ? 'report' then
      results := results || private.apply_status(item -> 'report');
    else
      answer := private.ingest(
        nullif(item -> 'request', 'null'), decode(item ->> 'body', 'base64'), item -> 'headers',
        item ->> 'flagged', item ->> 'path', (item ->> 'at')::timestamptz);
      results := results || case when answer ? 'duplicate' then 'duplicate'
                                 when answer ? 'kept' then 'kept' else 'stored' end;
    end if;
  end loop;
  return results;
end
$$;

revoke all on function private.drain_together(jsonb) from public, anon, authenticated;
