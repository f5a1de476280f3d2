-- Invariant 2: no lease has a token that its range has not given. Called by ExamineAsync.
select l.lo, l.hi, l.bucket, (select k.id from {schema}.batches k where k.batch = l.batch) as batch, l.stage, l.token, r.token as given
  from {schema}.leases l
  left join {schema}.ranges r on r.bucket = l.bucket and r.batch = l.batch and r.stage = l.stage
 where l.bucket between 0 and 63
   and l.token > coalesce(r.token, 0)
 limit 100;
