-- Whose messages these are: the reference to profiles had no index, so that whoever deleted a person
-- by hand waited for a walk through every message there is (Supabase's lint of foreign keys).
create index messages_sent_by on public.messages (sent_by) where sent_by is not null;
