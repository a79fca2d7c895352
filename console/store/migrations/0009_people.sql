-- The contacts page is searched by an index of triples of letters as well, as the inbox list is.
-- `row` is the number in it; who has none is not in it yet and is brought there bit by bit
-- (people.py). Two signs of their own stand behind each needle there, so that also its last letters
-- begin a triple.
alter table people add column row integer;
create unique index people_row on people (row);
create virtual table people_names using fts5 (
  needle, content = '', contentless_delete = 1, detail = none,
  tokenize = 'trigram case_sensitive 1'
);
-- As in 0008: a page of the index has room in one of the file.
insert into people_names (people_names, rank) values ('pgsz', 4000);
create virtual table people_triples using fts5vocab(people_names, row);

-- How each name begins: of thousands whom the index knows it is told where on the page they stand
-- without their rows, of which each would lie in another part of the file.
create table people_heads (row integer primary key, head text not null) strict;
