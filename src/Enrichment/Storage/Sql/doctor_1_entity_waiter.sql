-- Invariant 1: an item is recorded as a waiter only while its state waits for an entity. Called by ExamineAsync.
select w.item, (select k.id from {schema}.batches k where k.batch = w.batch) as batch, w.stage
  from {schema}.entity_waiters w
  left join {schema}.workflow_states s
    on s.bucket = w.bucket and s.batch = w.batch and s.stage = w.stage and s.item = w.item
   and s.status = {status.in_progress} and s.waits = {waits.entity}
 where w.bucket between 0 and 63
   and s.item is null
 limit 100;
