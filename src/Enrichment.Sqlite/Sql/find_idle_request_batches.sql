-- Open request batches of which nothing is open and nothing was worked on for an hour. An answer that is served leases
-- nothing, but needs the batch open: so it stays open for an hour after it was opened. Index: batches_open, ranges by key. Called by ReconcileRequestsAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select b.batch
  from {schema}.batches b
 where b.status in ({batch.pending}, {batch.running}, {batch.paused})
   and b.entity_requests
   and b.started_at < @now - 3600000
   and not exists (select 1
                     from g
                    cross join {schema}.ranges r
                    where r.bucket = g.bucket
                      and r.batch = b.batch
                      and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0 or r.leased_at > @now - 3600000));
