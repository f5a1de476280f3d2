-- Invariant 1: a completed batch has an event that says so. Called by ExamineAsync.
select b.id as batch
  from {schema}.batches b
 where b.status in ({batch.completed}, {batch.completed_with_failures})
   and not exists (select 1 from {schema}.batch_events e where e.batch = b.batch and e.kind = 'completed')
 limit 100;
