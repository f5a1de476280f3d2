-- Invariant 1: a batch that has ended has no open item (a request of one that was cancelled may still have waiters), its count of items is right unless it is pruned, and an ended one has its
-- completion recorded. Called by ExamineAsync.
select 1 as invariant, format('batch %s has ended, but %s of its states are open', b.id, o.n) as detail
  from {schema}.batches b
  join (select s.batch, count(*) as n, count(*) filter (where s.status in ({status.pending}, {status.in_progress})) as open
          from {schema}.workflow_states s
         where s.bucket between 0 and 63 and (s.status in ({status.pending}, {status.in_progress}) or s.advanced_at is null)
         group by s.batch) o on o.batch = b.batch
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and (o.open > 0 or not b.entity_requests)
union all
select 1, format('batch %s says it has %s items, but has %s', b.id, b.items, coalesce(c.n, 0))
  from {schema}.batches b
  left join (select i.batch, count(*) as n from {schema}.batch_items i where i.bucket between 0 and 63 group by i.batch) c on c.batch = b.batch
 where coalesce(c.n, 0) <> b.items
   and b.pruned_at is null
   and not b.entity_requests
union all
select 1, format('batch %s was completed, but no event says so', b.id)
  from {schema}.batches b
 where b.status in ({batch.completed}, {batch.completed_with_failures})
   and not exists (select 1 from {schema}.batch_events e where e.batch = b.batch and e.kind = 'completed')
 limit 100;
