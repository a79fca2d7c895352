-- A search walks the list in its order: with the needle in the index of the order itself, what is
-- walked lies side by side. The scope of every conversation is not needed for it any more; its
-- places go bit by bit (filling.py).
create index needles_newest on needles (newest, row, needle);
create index needles_waiting on needles (waiting, row, needle);
create index needles_closing on needles (closing, row, needle);

-- One or two letters are not in the index of names, which is one of triples. Who has them has a
-- triple that begins with them, or ends with them: triples can be listed, and the ends are indexed.
create virtual table triples using fts5vocab(names, row);
create index needles_last on needles (substr(needle, -1));
create index needles_last_two on needles (substr(needle, -2));
