-- Takes one lost lease over, with a younger token: from here on its former holder can change nothing. Locks: the range's row, then the lease's.
-- Called by TakeLostAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
young as (
    update {schema}.ranges r
       set token = r.token + 1
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
    returning r.token)
update {schema}.leases l
   set owner = @owner, token = young.token, until = clock.now + @duration
  from young, clock
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = @lo
   and l.token = @token
   and (@all or l.until < clock.now)
returning l.lo, l.hi, l.token, l.losses, l.alone;
