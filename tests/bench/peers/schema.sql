-- The table of the handlers (a) and (b): the user's own form of it, without anything of Balas.
create schema peers;
create table peers.messages (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid,
  message_sid text unique,
  direction text check (direction in ('inbound', 'outbound')),
  message_type text default 'text',
  content text,
  media_url text,
  media_content_type text,
  from_number text,
  to_number text,
  "timestamp" timestamptz not null,
  created_at timestamptz default now()
);
create index on peers.messages (from_number, "timestamp" desc);
create index on peers.messages (direction, "timestamp" desc);
