-- What the service tells everybody who works here: whether replies leave. One row for each part of
-- it; the rows are made here and only changed later, so that a reader always finds them.

create table public.service_state (
  id uuid primary key default gen_random_uuid(),
  part text not null unique,
  state text not null default 'running' check (state in ('running', 'stopped', 'trying')),
  error_code integer,
  error_text text,
  since timestamptz not null default now(),
  next_try_at timestamptz,
  updated_at timestamptz not null default now()
);
comment on column public.service_state.state is
  'stopped: nothing is sent, everything stays queued; trying: one message goes first, and when it '
  'is through, all others follow.';
insert into public.service_state (part) values ('sending');

alter table public.service_state enable row level security;
revoke all on public.service_state from public, anon, authenticated;
grant select on public.service_state to authenticated;
grant select, insert, update, delete on public.service_state to service_role;
create policy read_as_staff on public.service_state for select to authenticated
  using ((select private.is_staff()));
