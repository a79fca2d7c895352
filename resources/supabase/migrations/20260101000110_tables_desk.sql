-- The tables around a conversation: notes, events, labels, canned replies, templates, settings,
-- the audit log and the view of the user's first table form.

create table public.notes (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  author_id uuid references public.profiles (id) on delete set null,
  body text not null,
  mentions uuid[] not null default '{}',
  created_at timestamptz not null default now()
);
create index notes_conversation on public.notes (conversation_id, created_at desc);
create index notes_author on public.notes (author_id);
alter table public.notes enable row level security;

create table public.events (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  kind text not null,
  actor_id uuid references public.profiles (id) on delete set null,
  data jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index events_conversation on public.events (conversation_id, created_at desc);
create index events_actor on public.events (actor_id);
alter table public.events enable row level security;

create table public.labels (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  color text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.labels enable row level security;

create table public.conversation_labels (
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  label_id uuid not null references public.labels (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (conversation_id, label_id)
);
create index conversation_labels_label on public.conversation_labels (label_id);
alter table public.conversation_labels enable row level security;

create table public.canned_replies (
  id uuid primary key default gen_random_uuid(),
  shortcut text not null unique,
  body text not null,
  attachments jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.canned_replies enable row level security;

create table public.templates (
  id uuid primary key default gen_random_uuid(),
  content_sid text not null unique,
  name text not null,
  language text,
  body text,
  variables jsonb not null default '{}',
  status text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column public.templates.status is 'WhatsApp''s approval state, as the Content API says.';
alter table public.templates enable row level security;

create table public.auto_replies (
  id uuid primary key default gen_random_uuid(),
  inbox_id uuid not null references public.inboxes (id) on delete cascade,
  kind text not null check (kind in ('greeting', 'away', 'keyword')),
  keyword text,
  body text not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auto_replies_inbox on public.auto_replies (inbox_id);
alter table public.auto_replies enable row level security;

create table public.settings (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);
alter table public.settings enable row level security;

create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_id uuid,
  action text not null,
  subject_type text,
  subject_id text,
  data jsonb not null default '{}'
);
create index audit_log_subject on public.audit_log (subject_type, subject_id, at desc);
create index audit_log_at on public.audit_log (at desc);
alter table public.audit_log enable row level security;

create function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'P0001', message = 'append_only',
    detail = format('%s is append only.', tg_table_name),
    hint = 'Write a new entry instead.';
end $$;
create trigger audit_log_append_only before update or delete or truncate on public.audit_log
  for each statement execute function private.refuse_change();

-- The seed's first table form. security_invoker: row security of messages applies to the reader.
create view public.chat_history with (security_invoker = true) as
  select from_number, to_number, content as body, message_sid, "timestamp", direction
    from public.messages;
