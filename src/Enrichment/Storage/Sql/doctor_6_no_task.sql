-- Invariant 6: a state that waits for a worker has its external task. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage, s.attempt
  from {schema}.workflow_states s
  left join {schema}.external_tasks t
    on t.bucket = s.bucket and t.batch = s.batch and t.stage = s.stage and t.item = s.item and t.attempt = s.attempt
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits = {waits.worker}
   and t.item is null
 limit 100;
