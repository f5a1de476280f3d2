-- Makes an upload visible, unless the same content is there already and not pruned. Writers follow each other, so that a racing seal sees the winner.
-- Called by SealAsync.
update {schema}.uploads as u
   set size_bytes = @sizeBytes,
       sha256 = @sha256,
       fingerprint = @fingerprint,
       edition = case when @again then coalesce((select max(o.edition) + 1 from {schema}.uploads o where o.client = u.client and o.fingerprint = @fingerprint and o.pruned_at is null), 0) else 0 end,
       columns = @columns,
       header_map = @headerMap,
       report = @report,
       accepted = @accepted,
       rejected = @rejected,
       sealed_at = @now
 where u.upload = @upload
   and u.sealed_at is null
   and u.pruned_at is null
   and (@again or not exists (select 1 from {schema}.uploads o where o.client = u.client and o.fingerprint = @fingerprint and o.pruned_at is null));
