-- The team's rules, part two: automatic replies.
--
-- A message of a customer gets at most one: the keyword it holds, else "away" while the inbox is
-- closed, once for each time it is, else the greeting, once for each time the conversation begins
-- or is taken up again. Its id is made of the message's, so that a job that runs twice answers once.
--
-- Nothing here can talk to itself for long: automatic replies answer only what a customer wrote,
-- never one of our own numbers, never an echo of what we said by ourselves, and a customer gets so
-- many in an hour and no more.

create index messages_automatic on public.messages (conversation_id, "timestamp" desc)
  where automatic;

-- Text with its {{variables}} filled in, in one pass, so that a value may hold braces itself. Of
-- one that has no value nothing stays, not even the space before it.
create function private.filled_text(body text, vals jsonb) returns text
language sql immutable set search_path = '' as $$
  select btrim(string_agg(
      case when found.k is not null and coalesce(vals ->> found.k, '') = ''
        then rtrim(plain.piece) else plain.piece end || coalesce(vals ->> found.k, ''),
      '' order by plain.n))
    from regexp_split_to_table(body, '\{\{\s*[\w.]+\s*\}\}') with ordinality plain (piece, n)
    left join (
      select m[1] as k, row_number() over () as n
        from regexp_matches(body, '\{\{\s*([\w.]+)\s*\}\}', 'g') m) found on found.n = plain.n
$$;

-- Words in lower case with one space around each.
create function private.plain_words(said text) returns text
language sql immutable set search_path = '' as $$
  select ' ' || btrim(regexp_replace(lower(said), '[[:space:][:punct:]]+', ' ', 'g')) || ' '
$$;

-- How long the longest of a rule's keywords is that stands in the text; null when none does.
create function private.keyword_length(keyword text, said text) returns integer
language sql immutable set search_path = '' as $$
  select max(char_length(w))
    from regexp_split_to_table(keyword, ',') k
   cross join lateral (select private.plain_words(k) as w) t
   where btrim(w) <> '' and position(w in private.plain_words(said)) > 0
$$;

-- Since when the conversation is about what it is about now: its beginning, or when the customer
-- last took it up again after it was resolved.
create function private.began_at(thread public.conversations) returns timestamptz
language sql stable set search_path = '' as $$
  select greatest(thread.created_at, (
    select max(e.created_at) from public.events e
     where e.conversation_id = thread.id and e.kind = 'reopened'
       and e.data ->> 'by' = 'customer' and e.data ->> 'was' = 'resolved'))
$$;

-- Which rule answers this message, null for none. The caller holds the conversation.
create function private.rule_for(
  message public.messages, thread public.conversations, inbox public.inboxes)
returns public.auto_replies
language plpgsql set search_path = '' as $$
declare
  rule public.auto_replies;
  began constant timestamptz := private.began_at(thread);
  closed boolean := false;
  since timestamptz;
begin
  select a.* into rule from public.auto_replies a
   cross join lateral (select private.keyword_length(a.keyword, message.content) as n) k
   where a.inbox_id = inbox.id and a.enabled and a.kind = 'keyword' and k.n is not null
   order by k.n desc, a.created_at, a.id limit 1;
  if rule.id is not null then
    return rule;
  end if;

  begin
    closed := not private.is_open(inbox.hours);
    since := private.closed_since(inbox.hours);
  exception when others then  -- hours of the time before they were checked
    raise warning 'The hours of inbox % cannot be read: %', inbox.id, sqlerrm;
  end;
  if closed then
    select a.* into rule from public.auto_replies a
     where a.inbox_id = inbox.id and a.enabled and a.kind = 'away'
       and not exists (
         select from public.messages m
          where m.conversation_id = thread.id and m.automatic
            and m.metadata #>> '{rule,kind}' = 'away'
            and m."timestamp" >= coalesce(since, began))
     order by a.created_at, a.id limit 1;
    if rule.id is not null then
      return rule;
    end if;
  end if;

  select a.* into rule from public.auto_replies a
   where a.inbox_id = inbox.id and a.enabled and a.kind = 'greeting'
     -- Their first word since then; one that came late stands before that moment.
     and not exists (
       select from public.messages m
        where m.conversation_id = thread.id and m."timestamp" >= began and m.id <> message.id
          and (m.automatic or m.direction = 'outbound' or m."timestamp" < message."timestamp"))
   order by a.created_at, a.id limit 1;
  return rule;
end $$;

-- Answers a message by the rules of its inbox. The caller holds the conversation and, by its own
-- lock, the contact: so no more than the allowed number leave. Returns the reply's id, or null.
create function private.answer_by_rules(
  message public.messages, thread public.conversations, inbox public.inboxes) returns uuid
language plpgsql set search_path = '' as $$
declare
  reply constant uuid := private.uuid5(message.id, 'rule');
  rule public.auto_replies;
  way record;
  body text;
  lately integer;
  moment timestamptz;
begin
  if message.direction is distinct from 'inbound' or message.automatic
     -- Words that come late answer nothing any more.
     or coalesce(message.metadata #>> '{swept,sent_at}', message."timestamp"::text)::timestamptz
        < clock_timestamp() - interval '15 minutes'
     or coalesce(message.metadata #>> '{raw,OptOutType}', '') <> ''
     or exists (select from public.messages m where m.id = reply)
     or exists (select from public.inboxes i where i.address = message.from_number) then
    return null;
  end if;
  select count(*) into lately
    from public.conversations c join public.messages m on m.conversation_id = c.id
   where c.contact_id = thread.contact_id and m.automatic and m.direction = 'outbound'
     and m."timestamp" > clock_timestamp() - interval '1 hour';
  if lately >= inbox.auto_replies_per_hour
     or exists (select from public.messages m
                 where m.conversation_id = thread.id and m.automatic
                   and m."timestamp" > clock_timestamp() - interval '1 hour'
                   and m.content = message.content) then
    return null;
  end if;
  rule := private.rule_for(message, thread, inbox);
  if rule.id is null then
    return null;
  end if;
  begin
    way := private.route(thread, false);
  exception when raise_exception then  -- blocked, opted out, window closed, no number
    return null;
  end;
  body := left(private.filled_text(rule.body, private.rule_values(thread, inbox)), 1600);
  if body = '' then
    return null;
  end if;

  moment := private.next_moment(thread.id);
  insert into public.messages (id, conversation_id, direction, message_type, content, metadata,
    "timestamp", from_number, to_number, status, automatic)
  values (reply, thread.id, 'outbound', 'text', body,
    jsonb_build_object('kind', 'text', 'rule', jsonb_build_object(
      'id', rule.id, 'kind', rule.kind, 'answers', message.id)),
    moment, way.sender, way.recipient, 'queued', true);
  perform private.enqueue('send_message', jsonb_build_object('message_id', reply),
    'conversation:' || thread.id, null, 'send');
  -- Nobody has looked at it yet: the customer still waits.
  update public.conversations c set last_message_at = moment where c.id = thread.id;
  return reply;
end $$;

-- What the variables of an automatic reply stand for.
create function private.rule_values(thread public.conversations, inbox public.inboxes)
returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  vals jsonb := jsonb_build_object(
    'contact.name', (select p.name from public.contacts p where p.id = thread.contact_id),
    'inbox.name', inbox.name);
  today text;
  opens timestamp;
begin
  if inbox.hours is null then
    return vals;
  end if;
  begin
    select string_agg(to_char(lower(s) at time zone (inbox.hours ->> 'zone'), 'HH24:MI') || '–'
             || to_char(upper(s) at time zone (inbox.hours ->> 'zone'), 'HH24:MI'), ', ')
      into today
      from private.hours_on(inbox.hours,
        (clock_timestamp() at time zone (inbox.hours ->> 'zone'))::date) s;
    opens := private.opens_at(inbox.hours) at time zone (inbox.hours ->> 'zone');
  exception when others then
    return vals;
  end;
  return vals || jsonb_build_object('hours.today', today, 'hours.opens',
    case when opens::date = (clock_timestamp() at time zone (inbox.hours ->> 'zone'))::date
      then to_char(opens, 'HH24:MI') else to_char(opens, 'DD/MM HH24:MI') end);
end $$;

revoke all on function
  private.filled_text(text, jsonb), private.plain_words(text),
  private.keyword_length(text, text), private.began_at(public.conversations),
  private.rule_for(public.messages, public.conversations, public.inboxes),
  private.answer_by_rules(public.messages, public.conversations, public.inboxes),
  private.rule_values(public.conversations, public.inboxes)
  from public, anon, authenticated;
