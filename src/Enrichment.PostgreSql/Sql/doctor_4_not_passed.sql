-- Invariant 4: an item is at a stage only if its state at the stage before lets it pass. Called by ExamineAsync.
select s.item, b.id as batch, s.stage, p.stage as earlier
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch
  join {schema}.workflow_states p on p.bucket = s.bucket and p.batch = s.batch and p.stage = s.stage - 1 and p.item = s.item
 where s.bucket between 0 and 63
   and s.stage > 1
   and p.advanced_at is not null
   and p.status not in ({status.completed}, {status.skipped})
   and not (p.status = {status.failed} and coalesce((b.snapshot -> 'stages' -> (p.stage - 1) ->> 'optional')::boolean, false))
 limit 100;
