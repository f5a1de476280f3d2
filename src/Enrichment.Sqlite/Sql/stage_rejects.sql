-- Adds a refused row to an unsealed upload; prepared once and run for each row of a block, in one transaction. Called by StageAsync.
insert into {schema}.rejected_rows (bucket, upload, row, line, code, reason, raw)
values (?1, ?2, ?3, ?4, cast(?5 as text), cast(?6 as text), ?7);
