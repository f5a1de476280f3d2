-- Renews a host's leases that no other host has taken. A date that passed while the store was out of reach is no loss: the token decides.
-- Called by Renew, on a thread of its own.
update {schema}.leases as l
   set until = @now + @duration
  from json_each(@leases) k
 where l.bucket = k.value ->> 0
   and l.batch = k.value ->> 1
   and l.stage = k.value ->> 2
   and l.lo = k.value ->> 3
   and l.token = k.value ->> 4
   and l.owner = @owner
returning bucket, batch, stage, lo, token;
