-- Ends a request batch of which nothing is open, so that it can be pruned once it is old; the next request reopens it. Index: ranges by key. Called by ReconcileRequestsAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
update {schema}.batches
   set status = {batch.completed}, version = version + 1, completed_at = @now
 where batch = @batch
   and status in ({batch.pending}, {batch.running}, {batch.paused})
   and entity_requests
   and not exists (select 1
                     from g
                    cross join {schema}.ranges r
                    where r.bucket = g.bucket
                      and r.batch = @batch
                      and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0));

insert into {schema}.batch_events (batch, kind, at)
select @batch, 'completed', @now
 where changes() > 0;
