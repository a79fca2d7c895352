-- What agents do, part five: notes, reading and not having read, drafts that hold a note or a quote.

-- Writes a note that only the team sees. `id` is made by the desktop, so that repeating is
-- harmless. A note makes no event: it stands in the thread itself.
--
-- Mentions of people who cannot see this conversation are left out and named in `dropped`, with the
-- reason; the note is kept. A note is written so that somebody finds it later, often offline, and
-- memberships change meanwhile: refusing it for one name would withhold it from all the others.
-- Nobody is told of a conversation that they may not open.
create function public.add_note(
  id uuid, conversation_id uuid, body text, mentions uuid[] default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  thread public.conversations;
  words constant text := btrim(coalesce(add_note.body, ''), E' \t\r\n');
  told uuid[];
  dropped jsonb;
  saved public.notes;
begin
  select * into thread from public.conversations c
   where c.id = add_note.conversation_id and c.inbox_id in (select private.my_inboxes());
  if thread.id is null then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  if add_note.id is null then
    perform private.refuse('bad_id', 'The note has no id.');
  end if;
  if words = '' then
    perform private.refuse('empty_message', 'The note is empty.', 'Write something.');
  end if;
  if char_length(words) > 10000 then
    perform private.refuse('too_long', 'The note is longer than 10,000 characters.',
      'Shorten it, or write two.');
  end if;
  if cardinality(coalesce(add_note.mentions, '{}')) > 50 then
    perform private.refuse('too_many_mentions', 'A note mentions at most 50 people.',
      'Mention fewer.');
  end if;

  with named as (
    select m.who, min(m.n) as n, private.may_see(m.who, thread.inbox_id) as sees
      from unnest(add_note.mentions) with ordinality m (who, n)
     where m.who is not null group by m.who)
  select coalesce(array_agg(n.who order by n.n) filter (where n.sees), '{}'),
         coalesce(jsonb_agg(jsonb_build_object('id', n.who, 'name', private.name_of(n.who),
           'reason', 'cannot_see') order by n.n) filter (where not n.sees), '[]')
    into told, dropped from named n;

  insert into public.notes as n (id, conversation_id, author_id, body, mentions, created_at)
  values (add_note.id, thread.id, auth.uid(), words, told, clock_timestamp())
  on conflict on constraint notes_pkey do nothing
  returning * into saved;
  if found then
    perform private.take_up_again(thread);
  else
    select * into saved from public.notes n
     where n.id = add_note.id and n.conversation_id = thread.id and n.author_id = auth.uid();
    if saved.id is null then
      perform private.refuse('not_allowed', 'This id belongs to another note.', 'Write it anew.');
    end if;
  end if;
  return jsonb_build_object('notes', jsonb_build_array(to_jsonb(saved)), 'dropped', dropped);
end $$;

-- The customer's last message counts as unread again, for this agent alone. With nothing read
-- there is nothing to change, and a mark never moves forward here. Null when there is no mark.
create function public.mark_unread(conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  last_one timestamptz;
  mark public.reads;
begin
  if not exists (select from public.conversations c
                  where c.id = mark_unread.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.',
      'Ask for access to its inbox.');
  end if;
  select m."timestamp" into last_one from public.messages m
   where m.conversation_id = mark_unread.conversation_id and m.direction = 'inbound'
   order by m."timestamp" desc limit 1;
  update public.reads r
     -- Just below it: times are exact to the microsecond, in the feed as well.
     set read_at = last_one - interval '1 microsecond',
         message_id = (
           select m.id from public.messages m
            where m.conversation_id = mark_unread.conversation_id and m."timestamp" < last_one
            order by m."timestamp" desc limit 1)
   where r.conversation_id = mark_unread.conversation_id and r.profile_id = auth.uid()
     and r.read_at >= last_one;
  select * into mark from public.reads r
   where r.conversation_id = mark_unread.conversation_id and r.profile_id = auth.uid();
  return case when mark.conversation_id is not null then to_jsonb(mark) end;
end $$;

-- A draft is all that stands in a composer: also the quote above the text, and the note begun
-- beside it. The quoted message may go; then the draft is without a quote.
alter table public.drafts
  add column reply_to uuid,
  add column note text not null default '';
comment on column public.drafts.note is 'The note begun in this conversation, not yet added.';

drop function public.save_draft(uuid, text, jsonb);

-- The composer's content, so that it survives a lost machine. An empty draft is no draft; a quote
-- alone is none either.
create function public.save_draft(
  conversation_id uuid, body text, attachments jsonb default '[]', reply_to uuid default null,
  note text default '') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  saved public.drafts;
begin
  if not exists (select from public.conversations c
                  where c.id = save_draft.conversation_id
                    and c.inbox_id in (select private.my_inboxes())) then
    perform private.refuse('not_found', 'There is no such conversation, or it is not yours.');
  end if;
  if coalesce(save_draft.body, '') = '' and coalesce(save_draft.note, '') = ''
     and coalesce(attachments, '[]') = '[]' then
    delete from public.drafts d
     where d.conversation_id = save_draft.conversation_id and d.profile_id = auth.uid();
    return null;
  end if;
  if char_length(save_draft.body) > 100000 or char_length(save_draft.note) > 100000
     or jsonb_typeof(coalesce(attachments, '[]')) <> 'array'
     or pg_column_size(attachments) > 100000 then
    perform private.refuse('too_long', 'The draft is too large to keep.', 'Shorten it.');
  end if;
  insert into public.drafts as d (
    conversation_id, profile_id, body, attachments, reply_to, note, updated_at)
  values (save_draft.conversation_id, auth.uid(), coalesce(save_draft.body, ''),
    coalesce(save_draft.attachments, '[]'), save_draft.reply_to, coalesce(save_draft.note, ''),
    now())
  on conflict on constraint drafts_pkey do update
    set body = excluded.body, attachments = excluded.attachments, reply_to = excluded.reply_to,
        note = excluded.note, updated_at = now()
  returning * into saved;
  return to_jsonb(saved);
end $$;

revoke all on function
  public.add_note(uuid, uuid, text, uuid[]), public.mark_unread(uuid),
  public.save_draft(uuid, text, jsonb, uuid, text)
  from public, anon, authenticated;
grant execute on function
  public.add_note(uuid, uuid, text, uuid[]), public.mark_unread(uuid),
  public.save_draft(uuid, text, jsonb, uuid, text)
  to authenticated;
