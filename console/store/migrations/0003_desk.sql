-- The desk: views in every order, search, notes and events in the thread, what agents do to
-- conversations, replies that wait for the agent.

-- Intents of more kinds and states. Children first: dropping a parent deletes what hangs on it.
--   held     can still be taken back until due_at
--   asking   something happened that the agent should see first; code says what
-- `called` is set before the first call and cleared once a pull has shown that the server does not
-- have it: only what was never called can be taken back. `parked` while the line is down. `seen` is
-- the position up to which the agent had read the thread when writing.
create table intents_new (
  seq integer primary key autoincrement,
  kind text not null check (kind in
    ('send', 'retry', 'settle', 'read', 'draft', 'assign', 'status', 'label', 'note')),
  target text not null,              -- the message or note it makes, or what it changes
  conversation_id text not null,
  payload text not null,
  created_at integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'held', 'asking', 'refused')),
  tries integer not null default 0,
  due_at integer not null default 0,
  code text, title text, words text, -- the server's refusal, or why it waits
  upload real,
  version integer not null,
  called integer not null default 0,
  parked integer not null default 0,
  seen integer,
  unique (kind, target)
) strict;
create table bubbles_new (
  id text primary key,
  seq integer not null references intents_new on delete cascade,
  conversation_id text not null, position integer not null, timestamp integer not null,
  message_type text not null, content text not null, media text not null,
  metadata text not null, reply_to text
) strict;
create table files_new (
  seq integer not null references intents_new on delete cascade,
  at integer not null, blob_id integer not null references blobs,
  path text not null, name text not null, content_type text not null, size integer not null,
  uploaded integer not null default 0,
  primary key (seq, at)
) strict, without rowid;
insert into intents_new (seq, kind, target, conversation_id, payload, created_at, state, tries,
  due_at, code, title, words, upload, version, called)
select seq, kind, target, conversation_id, payload, created_at, state, tries, due_at, code, title,
  words, upload, version, tries > 0 from intents;
insert into bubbles_new select * from bubbles;
insert into files_new select * from files;
drop view timeline;
drop table files;
drop table bubbles;
drop table intents;
alter table intents_new rename to intents;
alter table bubbles_new rename to bubbles;
alter table files_new rename to files;
create index intents_conversation on intents (conversation_id, seq);
create index bubbles_thread on bubbles (conversation_id, position, id);
create index bubbles_seq on bubbles (seq);
create index files_blob on files (blob_id);

-- When this machine's own mark was taken by the server: pages made before it say the old.
alter table reads add column confirmed_at integer not null default 0;

alter table drafts add column reply_to text;
alter table drafts add column note text not null default '';

-- Notes and events lie among the messages, as directions of their own, so that one walk over one
-- index gives the thread. They show from the oldest message on that is here: older ones would
-- stand beside messages which they are far away from.
create view timeline as
select m.id, m.conversation_id, m.position, m.timestamp,
       cast(case m.direction when 'inbound' then 'inbound' else 'outbound' end as text)
         as direction,
       m.message_type, m.content, m.media, m.metadata, m.sid, m.sent_by,
       cast(coalesce((select case i.payload when 'sent' then 'sent' else 'failed' end
                      from intents i where i.kind = 'settle' and i.target = m.id
                        and i.state = 'waiting' and m.status = 'uncertain'), m.status) as text)
         as status,
       m.error_code, m.error_text, m.reply_to, m.quoted_sid, m.automatic, m.version,
       cast(0 as integer) as local, cast(null as text) as waiting, cast(null as real) as upload,
       cast(null as text) as rule
from messages m
where m.direction in ('inbound', 'outbound')
   or exists (select 1 from messages o where o.conversation_id = m.conversation_id
                and o.position <= m.position and o.direction in ('inbound', 'outbound'))
   or exists (select 1 from history h where h.conversation_id = m.conversation_id and h.complete)
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
       cast((select case when i.state = 'asking' then 'asking'
                         when i.upload is not null then 'uploading'
                         when i.parked or i.tries > 0 then 'offline'
                         when i.state = 'held' then 'held' else 'sending' end
             from intents i where i.seq = b.seq and i.state <> 'refused') as text),
       cast((select i.upload from intents i where i.seq = b.seq and i.state = 'waiting') as real),
       cast((select i.code from intents i where i.seq = b.seq
             and i.state in ('refused', 'asking')) as text)
from bubbles b
where not exists (select 1 from messages m where m.id = b.id);

-- The inbox list, with a number for each row: the tables below are large, and many.
create table listing_new (
  row integer primary key autoincrement, conversation_id text not null unique, contact_id text,
  inbox_id text not null, channel text not null, name text not null, address text not null,
  status text not null, assignee_id text, priority text, snoozed_until integer,
  sort_at integer not null, last_inbound_at integer, waiting_since integer,
  unread integer not null, labels text not null, draft text,
  preview_kind text, preview_text text, preview_direction text, preview_status text,
  failed text, failed_code integer, failed_rule text
) strict;
insert into listing_new
select row_number() over (order by l.sort_at, l.conversation_id), l.conversation_id, c.contact_id,
  l.inbox_id, coalesce(i.channel, ''), l.name, l.address, l.status, l.assignee_id, c.priority,
  c.snoozed_until, l.sort_at, c.last_inbound_at, c.waiting_since, l.unread,
  (select coalesce(json_group_array(r.data ->> 'label_id'), '[]') from records r
   where r.conversation_id = l.conversation_id and r.kind = 'conversation_labels'),
  l.draft, l.preview_kind, l.preview_text, l.preview_direction, l.preview_status, l.failed,
  l.failed_code, l.failed_rule
from listing l join conversations c on c.id = l.conversation_id
left join inboxes i on i.id = l.inbox_id;
drop table listing;
alter table listing_new rename to listing;

-- What can be shown: a filter, in one inbox or in all (''), with one label or with any (''); how
-- many conversations it holds, and how many of them are unread. 'every' is for searching.
drop table tallies;
create table scopes (
  id integer primary key, filter text not null, inbox_id text not null, label_id text not null,
  conversations integer not null, unread integer not null,
  unique (filter, inbox_id, label_id)
) strict;

-- Each scope in each order (places.py says what `key` is): a page of any view is one range of it.
create table places (
  scope integer not null, sort integer not null, key integer not null, row integer not null,
  primary key (scope, sort, key, row)
) strict, without rowid;

-- What the inbox list is searched by, with the keys of the row's places, and its triples of letters.
create table needles (
  row integer primary key, needle text not null,
  newest integer not null, waiting integer not null, closing integer not null
) strict;
create virtual table names using fts5 (
  needle, content = '', contentless_delete = 1, detail = none,
  tokenize = 'trigram case_sensitive 1'
);

-- The words of messages and notes. The number of a message is its rowid, which grows with its time
-- (search.py), so that the newest are found first without sorting. An existing store has small
-- rowids, counted by SQLite: those are not in the index yet and are brought there bit by bit.
-- VACUUM would count the rowids anew: this file must never be vacuumed.
create virtual table texts using fts5 (
  content, content = '', contentless_delete = 1, prefix = '1 2 3',
  tokenize = 'unicode61 remove_diacritics 2'
);

-- The rows up to this one have no places and no needle yet (filling.py); the newest come first.
insert into meta select 'unsorted', cast(max(row) as text) from listing having max(row) > 0;
