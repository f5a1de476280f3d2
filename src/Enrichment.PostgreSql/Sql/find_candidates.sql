-- The ranges of a batch in which something may be due, the least recently leased first: a plain read, no lock.
-- Index: ranges_open. Called by FindCandidatesAsync.
select r.bucket, r.batch, r.stage, r.token
  from {schema}.ranges r
 where r.bucket between 0 and 63
   and r.batch = @batch
   and r.pending > 0
   and r.due_at <= (select coalesce(@now, clock_timestamp()))
   and r.stage <> all (@except::smallint[])
 order by r.leased_at nulls first, r.stage desc, r.bucket
 limit @limit;
