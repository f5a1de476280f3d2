-- Removes the rows of an unsealed upload from one bucket. Index: primary keys. Called by DiscardAsync, bucket after bucket.
delete from {schema}.upload_rows
 where bucket = @bucket
   and upload = (select u.upload from {schema}.uploads u where u.upload = @upload and u.sealed_at is null);

delete from {schema}.rejected_rows
 where bucket = @bucket
   and upload = (select u.upload from {schema}.uploads u where u.upload = @upload and u.sealed_at is null);
