-- Invariant 4: an item is at a stage only after the sequencer has acted on its state at the stage before. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage, p.stage as earlier
  from {schema}.workflow_states s
  join {schema}.workflow_states p on p.bucket = s.bucket and p.batch = s.batch and p.stage = s.stage - 1 and p.item = s.item
 where s.bucket between 0 and 63
   and s.stage > 1
   and p.advanced_at is null
 limit 100;
