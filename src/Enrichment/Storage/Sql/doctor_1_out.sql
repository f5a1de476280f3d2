-- Invariant 1: no state in progress has a date earlier than its range says, or is missing from the ranges. Called by ExamineAsync.
select s.item, b.id as batch, s.stage, s.due_at, r.acts_at, r.in_progress
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch
  left join {schema}.ranges r on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
   and b.status in ({batch.pending}, {batch.running}, {batch.paused})
   and (r.acts_at is null or r.acts_at > s.due_at or r.in_progress <= 0)
 limit 100;
