-- Invariant 1: the maintained counters are the counts of the states, and those of a pruned batch are its last ones. Called by ExamineAsync.
with counted as (
    select s.bucket, s.batch, s.stage,
           count(*) filter (where s.status = {status.pending}) as pending,
           count(*) filter (where s.status = {status.in_progress}) as in_progress,
           count(*) filter (where s.status = {status.completed}) as completed,
           count(*) filter (where s.status = {status.failed}) as failed,
           count(*) filter (where s.status = {status.skipped}) as skipped,
           count(*) filter (where s.status = {status.cancelled}) as cancelled,
           count(*) filter (where s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}) and s.advanced_at is null) as to_advance
      from {schema}.workflow_states s
     where s.bucket between 0 and 63
     group by s.bucket, s.batch, s.stage)
select coalesce(c.bucket, r.bucket) as bucket,
       (select k.id from {schema}.batches k where k.batch = coalesce(c.batch, r.batch)) as batch,
       coalesce(c.stage, r.stage) as stage,
       r.pending, r.in_progress, r.completed, r.failed, r.skipped, r.cancelled, r.to_advance,
       c.pending as states_pending, c.in_progress as states_in_progress, c.completed as states_completed, c.failed as states_failed,
       c.skipped as states_skipped, c.cancelled as states_cancelled, c.to_advance as states_to_advance
  from counted c
  full join {schema}.ranges r on r.bucket = c.bucket and r.batch = c.batch and r.stage = c.stage
 where not exists (select 1 from {schema}.batches b where b.batch = coalesce(c.batch, r.batch) and b.pruned_at is not null)
   and (coalesce(c.pending, 0), coalesce(c.in_progress, 0), coalesce(c.completed, 0), coalesce(c.failed, 0), coalesce(c.skipped, 0), coalesce(c.cancelled, 0), coalesce(c.to_advance, 0))
       is not (r.pending, r.in_progress, r.completed, r.failed, r.skipped, r.cancelled, r.to_advance)
 limit 100;
