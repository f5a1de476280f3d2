-- Removes the rows of an unsealed upload from one bucket. Index: primary keys. Called by DiscardAsync, bucket after bucket.
delete from {schema}.upload_rows r
 using {schema}.uploads u
 where r.bucket = @bucket
   and r.upload = @upload
   and u.upload = r.upload
   and u.sealed_at is null;

delete from {schema}.rejected_rows r
 using {schema}.uploads u
 where r.bucket = @bucket
   and r.upload = @upload
   and u.upload = r.upload
   and u.sealed_at is null;
