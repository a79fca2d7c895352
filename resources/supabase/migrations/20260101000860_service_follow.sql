-- What the service calls, part six: what any one of the workers does from time to time. Asking
-- Twilio for statuses that never came, and bringing the templates up to date.

-- When each round is due again; the workers share the rounds.
create table private.rounds (
  name text primary key,
  due_at timestamptz not null
);
alter table private.rounds enable row level security;

-- Whether the caller should do this round now. Then nobody else is told so for `every`.
create function private.take_round(name text, every interval) returns boolean
language plpgsql set search_path = ''
as $$
begin
  insert into private.rounds as r (name, due_at) values (take_round.name, now() + every)
  on conflict on constraint rounds_pkey do update set due_at = excluded.due_at
    where r.due_at <= now();
  return found;
end
$$;

-- The round went wrong: it is due again after `pause`.
create function private.repeat_round(name text, pause interval) returns void
language sql set search_path = ''
as $$
  update private.rounds r set due_at = least(r.due_at, now() + pause)
   where r.name = repeat_round.name
$$;

-- Statuses that never came ---------------------------------------------------------------------

-- Callbacks are best effort. A message that stays below delivered is asked for 10 minutes, 1 hour
-- and 24 hours after its call.
create table private.status_polls (
  message_id uuid primary key references public.messages (id) on delete cascade,
  asked integer not null default 0,
  not_before timestamptz not null default '-infinity'
);
alter table private.status_polls enable row level security;

-- Messages to ask for now: [{"message_id", "sid"}, …], oldest first. They are not named again for
-- 5 minutes, so that several workers may ask and a failed question is repeated.
create function private.due_polls(most integer default 50) returns jsonb
language sql set search_path = ''
as $$
  with due as (
    select m.id, m.message_sid, m."timestamp"
      from public.messages m
      join public.delivery_attempts a on a.id = m.attempt_id
      left join private.status_polls p on p.message_id = m.id
     where m.direction = 'outbound' and m.status in ('accepted', 'sent')
       and m.message_sid is not null
       and m."timestamp" between now() - interval '3 days' and now() - interval '10 minutes'
       and coalesce(p.asked, 0) < 3 and coalesce(p.not_before, '-infinity') <= now()
       and a.started_at <= now() - (array['10 minutes', '1 hour', '24 hours']::interval[])
                                     [coalesce(p.asked, 0) + 1]
     order by m."timestamp", m.id limit most),
  marked as (
    insert into private.status_polls as p (message_id, not_before)
    select d.id, now() + interval '5 minutes' from due d
    on conflict on constraint status_polls_pkey do update set not_before = excluded.not_before
      where p.not_before <= now()
    returning p.message_id)
  select coalesce(jsonb_agg(
           jsonb_build_object('message_id', d.id, 'sid', d.message_sid)
           order by d."timestamp", d.id), '[]')
    from due d join marked on marked.message_id = d.id
$$;

-- Twilio has answered: the next question is the one of the message's age.
create function private.note_poll(message_id uuid) returns void
language sql set search_path = ''
as $$
  update private.status_polls p
     set asked = (select count(*) from unnest(array['10 minutes', '1 hour', '24 hours']::interval[])
                    as age where a.started_at <= now() - age)
    from public.messages m join public.delivery_attempts a on a.id = m.attempt_id
   where m.id = note_poll.message_id and p.message_id = m.id
$$;

-- What nobody needs any more.
create function private.prune_sending() returns void
language sql set search_path = ''
as $$
  delete from private.pair_pace p
   where p.sent_at = '{}' or p.sent_at[cardinality(p.sent_at)] < now() - interval '1 minute';
  delete from private.status_polls p using public.messages m
   where m.id = p.message_id
     and (m.status not in ('accepted', 'sent') or m."timestamp" < now() - interval '4 days');
$$;

-- Templates --------------------------------------------------------------------------------------

alter table public.templates
  add column category text,
  add column rejection_reason text,
  add column types jsonb not null default '{}';
comment on column public.templates.types is 'Buttons and files too, as the Content API has them.';
comment on column public.templates.variables is 'Placeholder to example value.';

-- The templates exactly as Twilio has them: [{"content_sid", "name", "language", "body",
-- "variables", "types", "status", "category", "rejection_reason"}, …]. One that is not listed is
-- gone there. Only what differs is written, so that windows hear of real changes. Returns how many
-- rows changed.
create function private.store_templates(listed jsonb) returns integer
language plpgsql set search_path = ''
as $$
declare
  stored integer;
  gone integer;
begin
  insert into public.templates as t (
    content_sid, name, language, body, variables, types, status, category, rejection_reason)
  select n.content_sid, n.name, n.language, n.body, n.variables, n.types, n.status, n.category,
         n.rejection_reason
    from jsonb_to_recordset(listed) as n (
      content_sid text, name text, language text, body text, variables jsonb, types jsonb,
      status text, category text, rejection_reason text)
  on conflict (content_sid) do update
    set name = excluded.name, language = excluded.language, body = excluded.body,
        variables = excluded.variables, types = excluded.types, status = excluded.status,
        category = excluded.category, rejection_reason = excluded.rejection_reason
    where (t.name, t.language, t.body, t.variables, t.types, t.status, t.category,
           t.rejection_reason)
      is distinct from (excluded.name, excluded.language, excluded.body, excluded.variables,
           excluded.types, excluded.status, excluded.category, excluded.rejection_reason);
  get diagnostics stored = row_count;
  delete from public.templates t
   where t.content_sid not in (
     select n ->> 'content_sid' from jsonb_array_elements(listed) n);
  get diagnostics gone = row_count;
  return stored + gone;
end
$$;

revoke all on private.rounds, private.status_polls from public, anon, authenticated;
revoke all on function
  private.take_round(text, interval), private.repeat_round(text, interval),
  private.due_polls(integer), private.note_poll(uuid), private.prune_sending(),
  private.store_templates(jsonb)
from public, anon, authenticated;
