-- When a reply was sent, delivered and read, for the case file: a message itself says how far it is,
-- not since when.

create table private.delivery_events (
  message_id uuid not null references public.messages (id) on delete cascade,
  status text not null,
  at timestamptz not null default clock_timestamp(),
  error_code integer,
  primary key (message_id, status)
);
comment on table private.delivery_events is
  'at: when we heard of it. One row for each status that a reply has had from the call to Twilio on; '
  'what came late and moved nothing has none.';
alter table private.delivery_events enable row level security;
revoke all on private.delivery_events from public, anon, authenticated;

create function private.note_delivery() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.delivery_events (message_id, status, error_code)
  values (new.id, new.status, new.error_code)
  on conflict (message_id, status) do nothing;
  return null;
end $$;
create trigger balas_delivery after update of status on public.messages
  for each row when (new.direction = 'outbound' and old.status is distinct from new.status
                     and new.status not in ('scheduled', 'queued', 'sending'))
  execute function private.note_delivery();

revoke all on function private.note_delivery() from public, anon, authenticated;
