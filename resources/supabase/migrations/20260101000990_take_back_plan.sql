-- A worker that started with an empty project keeps its plan while the project fills, and read all
-- events for each conversation: half a second at each round, until the table was next analysed.
alter function private.take_back() set enable_seqscan = off;
