-- Invariant 3: a pruned batch has no open items. Called by ExamineAsync.
select b.id as batch, r.stage
  from {schema}.batches b
  join {schema}.ranges r on r.batch = b.batch
 where b.pruned_at is not null
   and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
 limit 100;
