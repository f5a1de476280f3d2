-- Deletes a block of rows of a pruned upload, accepted and refused: nothing of one that is not marked.
-- Index: primary keys. Called by DeletePrunedAsync, block after block.
delete from {schema}.upload_rows
 where bucket = @bucket
   and upload = (select u.upload from {schema}.uploads u where u.upload = @upload and u.pruned_at is not null)
   and row between @first and @last;

delete from {schema}.rejected_rows
 where bucket = @bucket
   and upload = (select u.upload from {schema}.uploads u where u.upload = @upload and u.pruned_at is not null)
   and row between @first and @last;
