-- The database of a project that worked before Balas: the user's own `messages`, exactly, and
-- `conversations` and `profiles` with columns that Balas does not know. {extra} comes at the end.
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  email text not null,
  full_name text,
  role text not null default 'user',
  avatar json
);
create table public.conversations (
  id uuid primary key default gen_random_uuid(),
  phone text,
  customer_name text,
  status text not null default 'active',
  tags text[],
  created_at timestamptz default now()
);
create table public.messages (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid references public.conversations on delete cascade,
  message_sid text unique,
  direction text check (direction in ('inbound', 'outbound')),
  message_type text default 'text'
    check (message_type in ('text', 'image', 'document', 'audio', 'video')),
  content text,
  media_url text,
  media_content_type text,
  sent_by uuid references public.profiles,
  timestamp timestamptz not null,
  created_at timestamptz default now()
);
create index idx_messages_conversation_timestamp
  on public.messages (conversation_id, timestamp desc);
create index idx_messages_direction_timestamp on public.messages (direction, timestamp desc);

insert into auth.users (id, email)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'user' || n || '@example.com'
  from generate_series(1, 3) n;
insert into public.profiles (id, email, full_name, role)
select id, email, 'User ' || right(id::text, 1),
       case right(id::text, 1) when '1' then 'admin' else 'user' end
  from auth.users;
insert into public.conversations (id, phone, customer_name, status, created_at)
select ('10000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid,
       case n when 9 then null when 8 then '0812-national' when 7 then '+62 811-1000-0001'
         else '+628111000000' || n end,
       case when n < 5 then 'Customer ' || n end,
       case n % 3 when 0 then 'closed' when 1 then 'active' else 'pending' end,
       now() - n * interval '40 days'
  from generate_series(1, 9) n;
insert into public.messages (conversation_id, message_sid, direction, message_type, content,
  media_url, media_content_type, sent_by, timestamp, created_at)
select c.id, 'SM' || md5(c.id::text || n), case n % 2 when 0 then 'inbound' else 'outbound' end,
       case n when 4 then 'image' else 'text' end, 'text ' || n,
       case n when 4 then 'https://api.twilio.com/2010-04-01/Accounts/AC1/Media/ME' || n end,
       case n when 4 then 'image/jpeg' end,
       case n % 2 when 1 then '00000000-0000-4000-8000-000000000001'::uuid end,
       c.created_at + n * interval '1 hour', c.created_at + n * interval '1 hour'
  from public.conversations c, generate_series(1, 30) n;
