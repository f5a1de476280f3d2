-- Invariant 3: a pruned batch has an event that says so. Called by ExamineAsync.
select b.id as batch
  from {schema}.batches b
 where b.pruned_at is not null
   and not exists (select 1 from {schema}.batch_events e where e.batch = b.batch and e.kind = 'pruned')
 limit 100;
