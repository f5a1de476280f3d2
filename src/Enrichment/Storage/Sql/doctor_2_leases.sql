-- Invariant 2: leases of one range never overlap, and none has a token that its range has not given. Called by ExamineAsync.
select 2 as invariant, format('the leases %s..%s and %s..%s of bucket %s, batch %s, stage %s overlap', a.lo, a.hi, b.lo, b.hi, a.bucket, (select k.id from {schema}.batches k where k.batch = a.batch), a.stage) as detail
  from {schema}.leases a
  join {schema}.leases b on b.bucket = a.bucket and b.batch = a.batch and b.stage = a.stage and b.lo > a.lo and b.lo <= a.hi
 where a.bucket between 0 and 63
union all
select 2, format('the lease %s..%s of bucket %s, batch %s, stage %s has the token %s; its range has given %s', l.lo, l.hi, l.bucket, (select k.id from {schema}.batches k where k.batch = l.batch), l.stage, l.token, r.token)
  from {schema}.leases l
  left join {schema}.ranges r on r.bucket = l.bucket and r.batch = l.batch and r.stage = l.stage
 where l.bucket between 0 and 63
   and l.token > coalesce(r.token, 0)
 limit 100;
