-- Deletes a block of rows of a pruned upload, accepted and refused: nothing of one that is not marked.
-- Index: primary keys. Called by DeletePrunedAsync, block after block.
with pruned as materialized (
    select u.upload
      from {schema}.uploads u
     where u.upload = @upload
       and u.pruned_at is not null),
accepted as (
    delete from {schema}.upload_rows r
     where r.bucket = @bucket
       and r.upload = @upload
       and r.row between @first and @last
       and exists (select 1 from pruned)
    returning 1),
rejected as (
    delete from {schema}.rejected_rows r
     where r.bucket = @bucket
       and r.upload = @upload
       and r.row between @first and @last
       and exists (select 1 from pruned)
    returning 1)
select ((select count(*) from accepted) + (select count(*) from rejected))::int;
