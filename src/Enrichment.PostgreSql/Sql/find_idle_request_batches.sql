-- Open request batches of which nothing is open and nothing was worked on for an hour. An answer that is served leases
-- nothing, but needs the batch open: so it stays open for an hour after it was opened. Index: batches_open, ranges by key. Called by ReconcileRequestsAsync.
select b.batch
  from {schema}.batches b
 where b.status in ({batch.pending}, {batch.running}, {batch.paused})
   and b.entity_requests
   and b.started_at < coalesce(@now, clock_timestamp()) - interval '1 hour'
   and not exists (select 1
                     from generate_series(0, 63) g
                     join {schema}.ranges r on r.bucket = g and r.batch = b.batch
                    where r.pending > 0 or r.in_progress > 0 or r.to_advance > 0 or r.leased_at > coalesce(@now, clock_timestamp()) - interval '1 hour');
