-- The notes in order of time, whatever their conversation: those that mention somebody gather.
create index messages_notes on messages (position) where direction = 'note';
-- Whose work somebody's is, for the handover.
create index listing_assignee on listing (assignee_id, sort_at) where assignee_id is not null;
