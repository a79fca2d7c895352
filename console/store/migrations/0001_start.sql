-- Times are microseconds since 1970 UTC; ids are UUID texts as the server writes them.
-- Server rows are written by sync alone; the window writes intents, drafts and nothing else.

create table meta (key text primary key, value text not null) strict, without rowid;

-- Supabase's session; here, because a keyring holds too little.
create table session (key text primary key, value text not null) strict, without rowid;

create table profiles (
  id text primary key, name text not null, role text not null,
  active integer not null, available integer not null, locale text not null
) strict, without rowid;

create table inboxes (
  id text primary key, name text not null, channel text not null,
  address text, flagged integer not null,
  since integer not null             -- when this machine first saw it: older news is no arrival
) strict, without rowid;

create table contacts (
  id text primary key, name text not null, phone text, blocked integer not null
) strict, without rowid;

create table addresses (
  id text primary key, contact_id text not null, address text not null,
  channel text not null, opted_out_at integer
) strict, without rowid;
create index addresses_contact on addresses (contact_id, channel);

create table conversations (
  id text primary key, inbox_id text not null, contact_id text, status text not null,
  assignee_id text, priority text, snoozed_until integer, last_message_at integer,
  last_inbound_at integer, waiting_since integer, adopted integer not null
) strict;
create index conversations_inbox on conversations (inbox_id);
create index conversations_contact on conversations (contact_id);

-- `position` = timestamp * 16 + part: one number orders a thread, and the parts of one send.
create table messages (
  id text primary key, conversation_id text not null, position integer not null,
  timestamp integer not null, direction text not null, message_type text, content text,
  media text not null, metadata text not null, sid text, sent_by text, status text,
  error_code integer, error_text text, reply_to text, quoted_sid text,
  automatic integer not null, scheduled_at integer, updated_at integer, version integer not null
) strict;
create index messages_thread on messages (conversation_id, position, id);
create index messages_inbound on messages (conversation_id, position)
  where direction = 'inbound';
create index messages_outbound on messages (conversation_id, position)
  where direction = 'outbound';
create index messages_sid on messages (sid) where sid is not null;
create index messages_quoted on messages (quoted_sid) where quoted_sid is not null;

-- This agent's own.
create table reads (
  conversation_id text primary key, read_at integer not null, message_id text
) strict, without rowid;

create table attempts (
  id text primary key, message_id text not null, started_at integer not null,
  finished_at integer, outcome text not null, http_status integer, error_code integer, words text
) strict, without rowid;
create index attempts_message on attempts (message_id, started_at);

-- Notes, events, labels, canned replies, templates: kept as they came, read by kind.
create table records (
  kind text not null, id text not null, conversation_id text, data text not null,
  primary key (kind, id)
) strict, without rowid;
create index records_conversation on records (conversation_id, kind)
  where conversation_id is not null;

-- Files, encrypted with everything else and cut into pieces so that none must fit in memory
-- twice. A blob is whole when `complete`; only whole ones are ever shown.
create table blobs (
  id integer primary key, size integer not null default 0, complete integer not null default 0
) strict;
create table chunks (
  blob_id integer not null references blobs on delete cascade,
  at integer not null, bytes blob not null,
  primary key (blob_id, at)
) strict;

-- The cache of storage objects. `problem` is why the last try failed, in words.
create table media (
  bucket text not null, path text not null,
  blob_id integer references blobs on delete set null,
  used_at integer not null, problem text,
  primary key (bucket, path)
) strict, without rowid;
create index media_blob on media (blob_id);
create index media_used on media (used_at);

-- What an agent wants done and the server has not confirmed. One row is one call.
create table intents (
  seq integer primary key autoincrement,
  kind text not null check (kind in ('send', 'retry', 'settle', 'read', 'draft')),
  target text not null,              -- the message it makes or settles, or the conversation
  conversation_id text not null,
  payload text not null,
  created_at integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'refused')),
  tries integer not null default 0,
  due_at integer not null default 0,
  code text, title text, words text, -- the server's refusal, or why it waits
  upload real,
  version integer not null,
  unique (kind, target)
) strict;
create index intents_conversation on intents (conversation_id, seq);

-- What an intent shows in the thread: one row a bubble.
create table bubbles (
  id text primary key,
  seq integer not null references intents on delete cascade,
  conversation_id text not null, position integer not null, timestamp integer not null,
  message_type text not null, content text not null, media text not null,
  metadata text not null, reply_to text
) strict;
create index bubbles_thread on bubbles (conversation_id, position, id);
create index bubbles_seq on bubbles (seq);

-- The files of an intent, with their bytes: the agent may delete the original at once.
create table files (
  seq integer not null references intents on delete cascade,
  at integer not null, blob_id integer not null references blobs,
  path text not null, name text not null, content_type text not null, size integer not null,
  uploaded integer not null default 0,
  primary key (seq, at)
) strict, without rowid;
create index files_blob on files (blob_id);

create table drafts (
  conversation_id text primary key, text text not null, attachments text not null,
  updated_at integer not null
) strict, without rowid;

-- Whether the server has older messages than ours. Absent: not known.
create table history (
  conversation_id text primary key, complete integer not null
) strict, without rowid;

-- The inbox list, worked out in the transaction that changes what it shows (listing.py).
create table listing (
  conversation_id text primary key, sort_at integer not null, status text not null,
  assignee_id text, inbox_id text not null, name text not null, address text not null,
  unread integer not null, failed text, draft text,
  preview_kind text, preview_text text, preview_direction text, preview_status text,
  needle text not null
) strict, without rowid;
create index listing_recent on listing (sort_at, conversation_id);
create index listing_status on listing (status, sort_at, conversation_id);
create index listing_assignee on listing (status, assignee_id, sort_at, conversation_id);

-- How many conversations each status and assignee has; kept by listing.py, so that the numbers
-- above the list need not count it. `assignee_id` is empty where nobody is.
create table tallies (
  status text not null, assignee_id text not null,
  conversations integer not null, unread integer not null,
  primary key (status, assignee_id)
) strict, without rowid;

-- A thread: intents laid over the server's rows. A row that the server has confirmed wins over
-- its bubble, and the answer to "was it sent?" shows before the server has heard it.
-- The casts give both halves the same affinities: only then does SQLite take the two apart and
-- walk their indexes in the wanted order, instead of sorting the whole thread for each page.
create view timeline as
select m.id, m.conversation_id, m.position, m.timestamp, m.direction, m.message_type, m.content,
       m.media, m.metadata, m.sid, m.sent_by,
       cast(coalesce((select case i.payload when 'sent' then 'sent' else 'failed' end
                      from intents i where i.kind = 'settle' and i.target = m.id
                        and i.state = 'waiting' and m.status = 'uncertain'), m.status) as text)
         as status,
       m.error_code, m.error_text, m.reply_to, m.quoted_sid, m.automatic, m.version,
       cast(0 as integer) as local, cast(null as text) as waiting, cast(null as real) as upload
from messages m
union all
select b.id, b.conversation_id, b.position, b.timestamp, cast('outbound' as text), b.message_type,
       b.content, b.media, b.metadata, cast(null as text),
       cast((select value from meta where key = 'me') as text),
       cast((select case i.state when 'refused' then 'failed' else 'queued' end
             from intents i where i.seq = b.seq) as text),
       cast(null as integer),
       cast((select i.words from intents i where i.seq = b.seq and i.state = 'refused') as text),
       b.reply_to, cast(null as text), cast(0 as integer),
       cast((select i.version from intents i where i.seq = b.seq) as integer),
       cast(1 as integer),
       cast((select case when i.upload is not null then 'uploading'
                         when i.tries > 0 then 'offline' else 'sending' end
             from intents i where i.seq = b.seq and i.state = 'waiting') as text),
       cast((select i.upload from intents i where i.seq = b.seq and i.state = 'waiting') as real)
from bubbles b
where not exists (select 1 from messages m where m.id = b.id);
