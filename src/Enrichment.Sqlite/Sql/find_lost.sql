-- Leases whose date has passed, or all that have an owner: a plain read. Called by TakeLostAsync.
select l.bucket, l.batch, l.stage, l.lo, l.token
  from {schema}.leases l
 where l.bucket between 0 and 63
   and l.owner is not null
   and (@all or l.until < @now);
