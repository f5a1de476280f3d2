-- Invariant 1: a waiter waits for a request that is open, or whose waiters are still to be completed. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage
  from {schema}.workflow_states s
  left join {schema}.entity_waiters w on w.bucket = s.bucket and w.batch = s.batch and w.stage = s.stage and w.item = s.item
  left join {schema}.workflow_states a
    on a.bucket = w.request_bucket and a.batch = w.request_batch and a.stage = 1 and a.item = w.request_item
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits = {waits.entity}
   and (a.item is null
        or (a.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}) and a.advanced_at is not null))
 limit 100;
