-- By itself the index merges its parts within every 64th commit, for 60 to 200 ms in a large store,
-- and what that commit brought is shown so much later. It is done bit by bit beside (upkeep.py).
insert into texts (texts, rank) values ('automerge', 0);
