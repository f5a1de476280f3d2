-- Invariant 1: a batch that has ended has no open item. A request of a cancelled one may still have waiters. Called by ExamineAsync.
select b.id as batch, o.n as states
  from {schema}.batches b
  join (select s.batch, count(*) as n, count(*) filter (where s.status in ({status.pending}, {status.in_progress})) as open
          from {schema}.workflow_states s
         where s.bucket between 0 and 63 and (s.status in ({status.pending}, {status.in_progress}) or s.advanced_at is null)
         group by s.batch) o on o.batch = b.batch
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and (o.open > 0 or not b.entity_requests)
 limit 100;
