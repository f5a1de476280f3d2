-- Removes an unsealed upload and its rows. Index: primary keys, once a bucket. Called by DiscardAsync, and by SealAsync when the content is there already.
delete from {schema}.upload_rows
 where bucket in (with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63) select bucket from b)
   and upload = @upload
   and exists (select 1 from {schema}.uploads u where u.upload = @upload and u.sealed_at is null);

delete from {schema}.rejected_rows
 where bucket in (with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63) select bucket from b)
   and upload = @upload
   and exists (select 1 from {schema}.uploads u where u.upload = @upload and u.sealed_at is null);

delete from {schema}.uploads
 where upload = @upload
   and sealed_at is null;
