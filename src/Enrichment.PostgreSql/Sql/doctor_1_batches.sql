-- Invariant 1: a batch that has ended has no open item (a request of one that was cancelled may still have waiters), its count of items is right unless it is pruned, and an ended one has its
-- completion recorded. Called by ExamineAsync.
select 1 as invariant, format('batch %s has ended, but %s of its states are open', b.id, o.n) as detail
  from {schema}.batches b
  join lateral (select count(*) as n
                  from {schema}.workflow_states s
                 where s.bucket between 0 and 63 and s.batch = b.batch and (s.status in ({status.pending}, {status.in_progress}) or (s.advanced_at is null and not b.entity_requests))) o on o.n > 0
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
union all
select 1, format('batch %s says it has %s items, but has %s', b.id, b.items, c.n)
  from {schema}.batches b
  join lateral (select count(*) as n from {schema}.batch_items i where i.bucket between 0 and 63 and i.batch = b.batch) c on c.n <> b.items
 where b.pruned_at is null
   and not b.entity_requests
union all
select 1, format('batch %s was completed, but no event says so', b.id)
  from {schema}.batches b
 where b.status in ({batch.completed}, {batch.completed_with_failures})
   and not exists (select 1 from {schema}.batch_events e where e.batch = b.batch and e.kind = 'completed')
 limit 100;
