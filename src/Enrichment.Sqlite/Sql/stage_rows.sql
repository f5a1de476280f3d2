-- Adds a row to an unsealed upload; prepared once and run for each row of a block, in one transaction. Text arrives as its UTF-8 bytes. Called by StageAsync.
insert into {schema}.upload_rows (bucket, upload, row, raw)
values (?1, ?2, ?3, cast(?4 as text));
