-- Renews a host's leases that no other host has taken. A date that passed while the store was out of reach is no loss: the token decides.
-- Called by Renew, on a thread of its own.
update {schema}.leases l
   set until = coalesce(@now, clock_timestamp()) + @duration
  from unnest(@buckets::smallint[], @batches::int[], @stages::smallint[], @los::int[], @tokens::bigint[]) as k (bucket, batch, stage, lo, token)
 where l.bucket = k.bucket
   and l.batch = k.batch
   and l.stage = k.stage
   and l.lo = k.lo
   and l.token = k.token
   and l.owner = @owner
returning l.bucket, l.batch, l.stage, l.lo, l.token;
