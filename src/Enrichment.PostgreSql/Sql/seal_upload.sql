-- Makes an upload visible, unless the same content is there already and not pruned. Of two racing seals the unique constraint upload_once
-- lets one win; the loser finds the winner. Called by SealAsync.
update {schema}.uploads u
   set size_bytes = @sizeBytes,
       sha256 = @sha256,
       fingerprint = @fingerprint,
       edition = case when @again then coalesce((select max(o.edition) + 1 from {schema}.uploads o where o.client = u.client and o.fingerprint = @fingerprint and o.pruned_at is null), 0) else 0 end,
       columns = @columns::json,
       header_map = @headerMap::json,
       report = @report::json,
       accepted = @accepted,
       rejected = @rejected,
       sealed_at = coalesce(@now, clock_timestamp())
 where u.upload = @upload
   and u.sealed_at is null
   and u.pruned_at is null
   and (@again or not exists (select 1 from {schema}.uploads o where o.client = u.client and o.fingerprint = @fingerprint and o.pruned_at is null));
