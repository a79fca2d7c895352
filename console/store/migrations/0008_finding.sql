-- Every part of the index of words is looked into for each word of a search. Two of a size become
-- one, not four: fewer are left, and each page of the index is written nearly twice as often, beside
-- the commits (upkeep.py).
insert into texts (texts, rank) values ('usermerge', 2);

-- Its pages are as long as a page of the file has room for. Those of 4050 bytes, which the index
-- makes by itself, lie in two, because encryption takes 32 bytes of each.
insert into texts (texts, rank) values ('pgsz', 4000);
