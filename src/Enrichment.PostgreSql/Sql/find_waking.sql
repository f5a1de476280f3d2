-- Ranges in which a state in progress may have reached its date: a plain read. Index: ranges_open. Called by FindWakingAsync.
select r.bucket, r.batch, r.stage
  from {schema}.ranges r
  join {schema}.batches b on b.batch = r.batch
 where r.bucket between 0 and 63
   and r.in_progress > 0
   and r.acts_at <= coalesce(@now, clock_timestamp())
   and b.status in (0, 1, 2)
   and r.batch * 32768::bigint + r.stage <> all (@except::bigint[])
 order by r.acts_at
 limit @limit;
