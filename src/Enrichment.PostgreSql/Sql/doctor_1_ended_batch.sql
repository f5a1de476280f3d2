-- Invariant 1: a batch that has ended has no open item. A request of a cancelled one may still have waiters. Called by ExamineAsync.
select b.id as batch, o.n as states
  from {schema}.batches b
  join lateral (select count(*) as n
                  from {schema}.workflow_states s
                 where s.bucket between 0 and 63
                   and s.batch = b.batch
                   and (s.status in ({status.pending}, {status.in_progress}) or (s.advanced_at is null and not b.entity_requests))) o
    on o.n > 0
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
 limit 100;
