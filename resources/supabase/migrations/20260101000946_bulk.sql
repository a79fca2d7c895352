-- The same act on many conversations in one call, and the handover of everything open.

-- Does one thing to many conversations, each as if it were asked for by itself: with the caller's
-- rights, its own event, and its own refusal, which holds up none of the others.
--
-- act and arguments: assign {"assignee_id"}, unassign, snooze {"until"}, resolve, reopen,
-- label {"label_id", "present"}, priority {"priority"}, mark_read. At most 500 conversations; one named twice is done once.
--
-- {"results": [{"id", "done", "code", "detail", "hint"}] in the order asked for; and the rows that
-- came of it, by the names that pull_changes uses}. What is as asked already is done, too. All of
-- it is one transaction and so one bell. Locked in order of their ids, so that two bulk calls never
-- wait for each other in a circle; who still meets one is "busy".
create function public.change_conversations(
  conversation_ids uuid[], act text, arguments jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  most constant integer := 500;
  asked constant jsonb := case when jsonb_typeof(arguments) = 'object' then arguments else '{}' end;
  who uuid;
  moment timestamptz;
  mark uuid;
  put_on boolean;
  ident uuid;
  last_one uuid;
  answer jsonb;
  answers jsonb[] := '{}';
  results jsonb := '{}';
  code text;
  words text;
  fix text;
begin
  if change_conversations.act is null or change_conversations.act not in (
       'assign', 'unassign', 'snooze', 'resolve', 'reopen', 'label', 'priority', 'mark_read') then
    perform private.refuse('bad_request', 'There is nothing of this name that can be done to many.',
      'Update Balas.');
  end if;
  if cardinality(conversation_ids) > most then
    perform private.refuse('too_many', 'At most 500 conversations can be changed at once.',
      'Choose fewer.');
  end if;
  begin
    who := (asked ->> 'assignee_id')::uuid;
    moment := (asked ->> 'until')::timestamptz;
    mark := (asked ->> 'label_id')::uuid;
    put_on := coalesce((asked ->> 'present')::boolean, true);
  exception when data_exception then
    perform private.refuse('bad_request', 'What is to be done cannot be read.', 'Try it again.');
  end;
  if act = 'assign' and who is null then
    perform private.refuse('bad_request', 'It is not said to whom.', 'Choose somebody.');
  end if;

  for ident in
    select distinct i from unnest(coalesce(conversation_ids, '{}')) i where i is not null order by i
  loop
    begin
      case act
        when 'assign' then answer := public.assign(ident, who);
        when 'unassign' then answer := public.assign(ident, null);
        when 'snooze' then answer := public.snooze(ident, moment);
        when 'resolve' then answer := public.resolve(ident);
        when 'reopen' then answer := public.reopen(ident);
        when 'label' then answer := public.set_label(ident, mark, put_on);
        when 'priority' then answer := public.set_priority(ident, asked ->> 'priority');
        else
          if not exists (select from public.conversations c
                          where c.id = ident and c.inbox_id in (select private.my_inboxes())) then
            perform private.refuse('not_found',
              'There is no such conversation, or it is not yours.',
              'Ask for access to its inbox.');
          end if;
          select m.id into last_one from public.messages m where m.conversation_id = ident
           order by m."timestamp" desc limit 1;
          answer := case when last_one is null then '{}' else
            jsonb_build_object('reads', jsonb_build_array(public.mark_read(ident, last_one))) end;
      end case;
      answers := answers || answer;
      results := results || jsonb_build_object(ident::text,
        jsonb_build_object('id', ident, 'done', true));
    exception
      when raise_exception then
        get stacked diagnostics code = message_text, words = pg_exception_detail,
          fix = pg_exception_hint;
        results := results || jsonb_build_object(ident::text, jsonb_build_object(
          'id', ident, 'done', false, 'code', code, 'detail', words, 'hint', fix));
      when deadlock_detected or lock_not_available then
        results := results || jsonb_build_object(ident::text, jsonb_build_object(
          'id', ident, 'done', false, 'code', 'busy',
          'detail', 'Somebody else is changing this conversation.', 'hint', 'Try it again.'));
    end;
  end loop;

  return jsonb_build_object(
    'results', (
      select coalesce(jsonb_agg(results -> i.id::text order by i.n), '[]')
        from (select id, min(n) as n from unnest(conversation_ids) with ordinality u (id, n)
               where id is not null group by id) i),
    'conversations', private.gathered(answers, 'conversations'),
    'events', private.gathered(answers, 'events'),
    'conversation_labels', private.gathered(answers, 'conversation_labels'),
    'reads', private.gathered(answers, 'reads'),
    'deleted', (
      select coalesce(jsonb_object_agg(k.kind, k.ids), '{}')
        from (select d.kind, jsonb_agg(e.id) as ids
                from unnest(answers) a, jsonb_each(coalesce(a -> 'deleted', '{}')) d (kind, ids),
                     jsonb_array_elements(d.ids) e (id)
               group by d.kind) k));
end $$;

create function private.gathered(answers jsonb[], kind text) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(r), '[]')
    from unnest(answers) a, jsonb_array_elements(a -> kind) r
$$;

-- Who has handed over what, so that a repeated call finds what it did.
create table private.handovers (
  id uuid primary key,
  actor_id uuid not null,
  answer jsonb not null,
  created_at timestamptz not null default now()
);
create index handovers_created on private.handovers (created_at);
revoke all on private.handovers from public, anon, authenticated;

-- Gives all open conversations of somebody to somebody else, or with null back to the queue, as at
-- the end of a shift. Everybody hands over their own; supervisors and administrators also those of
-- another (`from_id`), who may be inactive already. `snoozed` takes along what is put away: left
-- out by default, because it comes back when its owner chose to be there.
--
-- The summary stands in each conversation as a note of the one who hands over, and the event
-- "assigned" or "unassigned" names the handover. Conversations that the new one cannot see stay
-- where they are and are named. `id` is made by the desktop: a repeat does nothing and answers the
-- same.
--
-- {"handed_over": n, "kept": [{"id", "code", "detail"}], "conversations": [ids]}. The rows come by
-- the feed: there may be hundreds.
create function public.handover(
  id uuid, assignee_id uuid, summary text default '', from_id uuid default null,
  snoozed boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  me constant uuid := auth.uid();
  giver constant uuid := coalesce(handover.from_id, me);
  words constant text := btrim(coalesce(summary, ''), E' \t\r\n');
  supervisor constant boolean := private.is_supervisor();
  mine constant uuid[] := array(select private.my_inboxes());
  theirs uuid[] := mine;
  moment timestamptz;
  given uuid[];
  kept jsonb;
  answer jsonb;
  known private.handovers;
begin
  if handover.id is null then
    perform private.refuse('bad_id', 'The handover has no id.');
  end if;
  if cardinality(mine) = 0 then
    perform private.refuse('not_allowed', 'You work in no inbox.', 'Ask an administrator.');
  end if;
  if giver <> me and not supervisor then
    perform private.refuse('not_allowed',
      'Only supervisors and administrators hand over the work of others.', 'Ask a supervisor.');
  end if;
  -- The repeat of a call that is still at work waits for it here.
  perform pg_advisory_xact_lock(hashtextextended('balas:handover:' || handover.id, 0));
  select * into known from private.handovers h where h.id = handover.id;
  if known.id is not null then
    if known.actor_id <> me then
      perform private.refuse('not_allowed', 'This id belongs to another handover.',
        'Hand over anew.');
    end if;
    return known.answer;
  end if;
  if handover.assignee_id = giver then
    perform private.refuse('same_person', 'They have these conversations already.',
      'Choose somebody else.');
  end if;
  if handover.assignee_id is not null and not exists (
       select from public.profiles p where p.id = handover.assignee_id and p.active) then
    perform private.refuse('cannot_see', 'This person does not work here any more.',
      'Choose somebody else.');
  end if;
  if char_length(words) > 10000 then
    perform private.refuse('too_long', 'The summary is longer than 10,000 characters.',
      'Shorten it.');
  end if;

  if handover.assignee_id is not null then
    theirs := array(select i from unnest(mine) i where private.may_see(handover.assignee_id, i));
  end if;

  -- In order of their ids, as bulk calls do. What others took or closed meanwhile is not among them.
  select coalesce(array_agg(l.id) filter (where l.inbox_id = any (theirs)), '{}'),
         coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'code', 'cannot_see', 'detail',
           coalesce(nullif(private.name_of(handover.assignee_id), ''), 'This person')
           || ' cannot see this inbox.')) filter (where l.inbox_id <> all (theirs)), '[]')
    into given, kept
    from (select c.id, c.inbox_id from public.conversations c
           where c.assignee_id = giver and c.inbox_id = any (mine)
             and (c.status = 'open' or (handover.snoozed and c.status = 'snoozed'))
           order by c.id for update) l;
  moment := clock_timestamp();
  update public.conversations c set assignee_id = handover.assignee_id where c.id = any (given);
  insert into public.events (conversation_id, kind, actor_id, data, created_at)
  select g, case when handover.assignee_id is null then 'unassigned' else 'assigned' end, me,
         jsonb_strip_nulls(jsonb_build_object(
           'assignee_id', handover.assignee_id,
           'assignee_name', private.name_of(handover.assignee_id),
           'from_id', giver, 'from_name', private.name_of(giver),
           'handover_id', handover.id)), moment
    from unnest(given) g;
  if words <> '' then
    insert into public.notes (id, conversation_id, author_id, body, created_at)
    -- after the event, so that it is read as what was said at it
    select private.uuid5(handover.id, g::text), g, me, words, moment + interval '1 microsecond'
      from unnest(given) g;
  end if;

  answer := jsonb_build_object('handed_over', cardinality(given), 'kept', kept,
    'conversations', to_jsonb(given));
  insert into private.handovers (id, actor_id, answer) values (handover.id, me, answer);
  perform private.audit('handed_over', 'profiles', giver, jsonb_build_object(
    'handover_id', handover.id, 'assignee_id', handover.assignee_id,
    'conversations', cardinality(given)));
  return answer;
end $$;

revoke all on function
  private.gathered(jsonb[], text),
  public.change_conversations(uuid[], text, jsonb),
  public.handover(uuid, uuid, text, uuid, boolean)
  from public, anon, authenticated;
grant execute on function
  public.change_conversations(uuid[], text, jsonb),
  public.handover(uuid, uuid, text, uuid, boolean)
  to authenticated;
