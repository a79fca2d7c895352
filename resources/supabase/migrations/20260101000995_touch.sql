-- When a row changed last grows with each of its changes. A desktop takes the row with the later
-- `updated_at` for the newer one: by the time at which a transaction began, one that began earlier
-- and waited for the row's lock would write what no desktop believes. Nor may a server's clock that
-- is set back do so.
create or replace function private.touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end $$;
