-- Marks an ended batch as pruned and records it, unless something of it is still going on: a state open or not advanced, a host that holds a lease.
-- Index: ranges and leases by key. Called by MarkPrunedAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
update {schema}.batches
   set pruned_at = @now,
       launch_key = case when entity_requests then launch_key || '/' || batch else launch_key end -- the next request makes another batch
 where batch = @batch
   and status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and pruned_at is null
   and version = @version
   and not exists (select 1
                     from g
                    cross join {schema}.ranges r
                    where r.bucket = g.bucket
                      and r.batch = @batch
                      and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0))
   and not exists (select 1
                     from g
                    cross join {schema}.leases l
                    where l.bucket = g.bucket
                      and l.batch = @batch
                      and l.owner is not null);

insert into {schema}.batch_events (batch, kind, detail, at)
select @batch, 'pruned', @detail, @now
 where changes() > 0
returning batch;
