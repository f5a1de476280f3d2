-- Removes an unsealed upload and its rows. Called by DiscardAsync, and by SealAsync when the content is there already.
delete from {schema}.upload_rows r
 using {schema}.uploads u
 where r.bucket between 0 and 63
   and r.upload = @upload
   and u.upload = r.upload
   and u.sealed_at is null;

delete from {schema}.rejected_rows r
 using {schema}.uploads u
 where r.bucket between 0 and 63
   and r.upload = @upload
   and u.upload = r.upload
   and u.sealed_at is null;

delete from {schema}.uploads
 where upload = @upload
   and sealed_at is null;
