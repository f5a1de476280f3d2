-- Invariant 6: an external task exists only while a state waits for a worker with its attempt. Called by ExamineAsync.
select t.item, (select k.id from {schema}.batches k where k.batch = t.batch) as batch, t.stage, t.attempt
  from {schema}.external_tasks t
  left join {schema}.workflow_states s
    on s.bucket = t.bucket and s.batch = t.batch and s.stage = t.stage and s.item = t.item and s.attempt = t.attempt
   and s.status = {status.in_progress} and s.waits = {waits.worker}
 where t.bucket between 0 and 63
   and s.item is null
 limit 100;
