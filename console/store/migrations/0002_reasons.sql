-- Why a reply failed is kept as what it is: Twilio's number or the short name of a rule. The
-- window puts it into words, in its own language; texts are what is left where neither is known.
alter table listing add column failed_code integer;
alter table listing add column failed_rule text;

update listing set failed_code = (
  select m.error_code from messages m
  where m.conversation_id = listing.conversation_id and m.direction = 'outbound'
    and coalesce(m.error_text, m.status) = listing.failed
  order by m.position desc, m.id desc limit 1)
where failed is not null;

update listing set failed_rule = (
  select i.code from intents i
  where i.conversation_id = listing.conversation_id and i.state = 'refused'
    and i.words = listing.failed
  order by i.seq desc limit 1)
where failed is not null;

-- As in 0001, where the reasons stand, and with `rule`.
drop view timeline;
create view timeline as
select m.id, m.conversation_id, m.position, m.timestamp, m.direction, m.message_type, m.content,
       m.media, m.metadata, m.sid, m.sent_by,
       cast(coalesce((select case i.payload when 'sent' then 'sent' else 'failed' end
                      from intents i where i.kind = 'settle' and i.target = m.id
                        and i.state = 'waiting' and m.status = 'uncertain'), m.status) as text)
         as status,
       m.error_code, m.error_text, m.reply_to, m.quoted_sid, m.automatic, m.version,
       cast(0 as integer) as local, cast(null as text) as waiting, cast(null as real) as upload,
       cast(null as text) as rule
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
       cast((select i.upload from intents i where i.seq = b.seq and i.state = 'waiting') as real),
       cast((select i.code from intents i where i.seq = b.seq and i.state = 'refused') as text)
from bubbles b
where not exists (select 1 from messages m where m.id = b.id);
