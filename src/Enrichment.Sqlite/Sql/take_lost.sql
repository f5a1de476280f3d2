-- Takes one lost lease over, with a younger token: from here on its former holder can change nothing. Called by TakeLostAsync.
update {schema}.ranges
   set token = token + 1
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

update {schema}.leases as l
   set owner = @owner,
       token = (select r.token from {schema}.ranges r where r.bucket = @bucket and r.batch = @batch and r.stage = @stage),
       until = @now + @duration
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = @lo
   and l.token = @token
   and (@all or l.until < @now)
returning lo, hi, token, losses, alone;
