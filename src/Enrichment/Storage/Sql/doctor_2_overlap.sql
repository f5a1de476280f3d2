-- Invariant 2: leases of one range never overlap. Called by ExamineAsync.
select a.lo, a.hi, b.lo as other_lo, b.hi as other_hi, a.bucket,
       (select k.id from {schema}.batches k where k.batch = a.batch) as batch, a.stage
  from {schema}.leases a
  join {schema}.leases b on b.bucket = a.bucket and b.batch = a.batch and b.stage = a.stage and b.lo > a.lo and b.lo <= a.hi
 where a.bucket between 0 and 63
 limit 100;
