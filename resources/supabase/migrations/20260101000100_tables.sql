-- The tables that a conversation lives in: people, inboxes, contacts, conversations, messages.
--
-- `profiles`, `conversations` and `messages` may exist already, full of rows and with columns we
-- do not know, so every one of them is "create if missing, then add what is missing". Row security
-- goes on in the same breath: a table without policies shows nothing to anybody, so nothing is
-- open between this file and the next.

create schema if not exists private;
comment on schema private is 'Internals of Balas. Never exposed through the API.';
revoke all on schema private from public;

-- No foreign key to auth.users: deleting a login must not delete who wrote what.
create table if not exists public.profiles (id uuid primary key);
alter table public.profiles
  add column if not exists display_name text,
  add column if not exists role text not null default 'agent',
  add column if not exists active boolean not null default true,
  add column if not exists available boolean not null default false,
  add column if not exists locale text not null default 'id',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();
alter table public.profiles
  alter column role set default 'agent',
  alter column active set default true,
  add constraint balas_profiles_role check (role in ('agent', 'supervisor', 'admin'));
alter table public.profiles enable row level security;

create table public.inboxes (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  channel text not null check (channel in ('whatsapp', 'sms')),
  address text unique,
  messaging_service_sid text,
  hours jsonb,
  greeting text,
  flagged boolean not null default false,
  adopted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column public.inboxes.address is 'As Twilio writes it: whatsapp:+62… or +62…';
comment on column public.inboxes.flagged is
  'Made by the service for a To address that nobody configured; an administrator must look.';
alter table public.inboxes enable row level security;
-- One home for what was here before Balas.
create unique index inboxes_one_adopted on public.inboxes (adopted) where adopted;

create table public.inbox_members (
  inbox_id uuid not null references public.inboxes (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (inbox_id, profile_id)
);
create index inbox_members_profile on public.inbox_members (profile_id);
alter table public.inbox_members enable row level security;

create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  name text,
  phone text,
  locale text,
  attributes jsonb not null default '{}',
  notes text,
  blocked boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column public.contacts.phone is 'E.164; null for people known by a user name only.';
create index contacts_phone on public.contacts (phone) where phone is not null;
alter table public.contacts enable row level security;

-- A contact is found by address, never by phone: the phone number may be absent.
create table public.contact_addresses (
  id uuid primary key default gen_random_uuid(),
  contact_id uuid not null references public.contacts (id) on delete cascade,
  address text not null unique,
  channel text not null check (channel in ('whatsapp', 'sms')),
  opted_out_at timestamptz,
  created_at timestamptz not null default now()
);
create index contact_addresses_contact on public.contact_addresses (contact_id);
alter table public.contact_addresses enable row level security;

create table if not exists public.conversations (id uuid primary key default gen_random_uuid());
-- contact_id and inbox_id become required once the adoption has filled them.
alter table public.conversations
  add column if not exists contact_id uuid references public.contacts (id),
  add column if not exists inbox_id uuid references public.inboxes (id),
  add column if not exists status text not null default 'open',
  add column if not exists assignee_id uuid references public.profiles (id) on delete set null,
  add column if not exists priority text,
  add column if not exists snoozed_until timestamptz,
  add column if not exists last_message_at timestamptz,
  add column if not exists last_inbound_at timestamptz,
  add column if not exists waiting_since timestamptz,
  add column if not exists adopted boolean not null default false,
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();
alter table public.conversations
  alter column id set default gen_random_uuid(),
  alter column status set default 'open',
  add constraint balas_conversations_status check (status in ('open', 'snoozed', 'resolved')),
  add constraint balas_conversations_priority
    check (priority in ('low', 'normal', 'high', 'urgent'));
comment on column public.conversations.last_inbound_at is
  'Start of the 24-hour window: when the service received the customer''s last message.';
comment on column public.conversations.waiting_since is
  'Since when the customer waits for an answer; shared by the team, cleared by an answer.';
alter table public.conversations enable row level security;

-- One continuous thread per customer and inbox. Old threads may have been several.
create unique index conversations_one_thread on public.conversations (inbox_id, contact_id)
  where not adopted;
create index conversations_contact on public.conversations (contact_id);
-- The inbox list and the first pull walk an inbox newest first, by key.
create index conversations_activity on public.conversations
  (inbox_id, (coalesce(last_message_at, created_at)) desc, id desc);
create index conversations_assignee on public.conversations (assignee_id, status)
  where assignee_id is not null;
create index conversations_waiting on public.conversations (inbox_id, waiting_since)
  where waiting_since is not null;
create index conversations_snoozed on public.conversations (snoozed_until)
  where status = 'snoozed';

-- The user's own table, column for column.
create table if not exists public.messages (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid references public.conversations (id) on delete cascade,
  message_sid text unique,
  direction text check (direction in ('inbound', 'outbound')),
  message_type text default 'text'
    check (message_type in ('text', 'image', 'document', 'audio', 'video')),
  content text,
  media_url text,
  media_content_type text,
  sent_by uuid references public.profiles (id),
  "timestamp" timestamptz not null,
  created_at timestamptz default now()
);
-- … and more.
alter table public.messages
  add column if not exists from_number text,
  add column if not exists to_number text,
  add column if not exists media jsonb not null default '[]',
  add column if not exists status text,
  add column if not exists error_code integer,
  add column if not exists error_text text,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists reply_to uuid references public.messages (id) on delete set null,
  add column if not exists attempt_id uuid,
  add column if not exists automatic boolean not null default false,
  add column if not exists scheduled_at timestamptz,
  add column if not exists updated_at timestamptz;
alter table public.messages
  alter column id set default gen_random_uuid(),
  -- Not validated at once: a large table is not scanned under an exclusive lock, and the column
  -- is new (all null) or has been mapped by the file before this one.
  add constraint balas_messages_status check (status in (
    'received', 'scheduled', 'queued', 'sending', 'uncertain', 'accepted', 'sent', 'delivered',
    'read', 'failed', 'undelivered', 'canceled')) not valid;
comment on column public.messages."timestamp" is
  'Server time, strictly increasing within one conversation: the order of the thread.';
comment on column public.messages.media is
  'Every file: bucket, path, url, content_type, name, size, state pending|stored|failed, error.';
alter table public.messages enable row level security;

create unique index if not exists messages_message_sid_key on public.messages (message_sid);
create index if not exists idx_messages_conversation_timestamp
  on public.messages (conversation_id, "timestamp" desc);
create index if not exists idx_messages_direction_timestamp
  on public.messages (direction, "timestamp" desc);
-- The whole history of a number, both directions, in order of time.
create index messages_from_number on public.messages (from_number, "timestamp");
create index messages_to_number on public.messages (to_number, "timestamp");
-- Sweeps: queued rows without a job, uncertain ones, and those that stay below delivered.
create index messages_on_the_way on public.messages (status, "timestamp")
  where status in ('scheduled', 'queued', 'sending', 'uncertain', 'accepted', 'sent');
create index messages_media_pending on public.messages ("timestamp")
  where media @> '[{"state": "pending"}]';
create index messages_reply_to on public.messages (reply_to) where reply_to is not null;
create index messages_retry_of on public.messages ((metadata ->> 'retry_of'))
  where metadata ? 'retry_of';

-- unread is each agent's own; waiting is shared
create table public.reads (
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  read_at timestamptz not null,
  message_id uuid,
  primary key (conversation_id, profile_id)
);
comment on column public.reads.read_at is 'The timestamp of the last message this agent has seen.';
create index reads_profile on public.reads (profile_id);
alter table public.reads enable row level security;

create table public.drafts (
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  body text not null default '',
  attachments jsonb not null default '[]',
  updated_at timestamptz not null default now(),
  primary key (conversation_id, profile_id)
);
create index drafts_profile on public.drafts (profile_id);
alter table public.drafts enable row level security;

-- One row per call to Twilio. The id is the attempt id that rides in the StatusCallback URL.
create table public.delivery_attempts (
  id uuid primary key default gen_random_uuid(),
  message_id uuid not null references public.messages (id) on delete cascade,
  worker text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  outcome text not null default 'calling'
    check (outcome in ('calling', 'accepted', 'refused', 'retry', 'uncertain', 'settled')),
  http_status integer,
  error_code integer,
  words text,
  sid text
);
create index delivery_attempts_message on public.delivery_attempts (message_id, started_at);
create index delivery_attempts_open on public.delivery_attempts (started_at)
  where outcome in ('calling', 'uncertain');
alter table public.delivery_attempts enable row level security;
