-- Invariant 6: each external task is that of an open attempt, and each state that waits for a worker has its task. Called by ExamineAsync.
select 6 as invariant, format('item %s of batch %s has a task for attempt %s at stage %s, but its state is not out with it', t.item, (select k.id from {schema}.batches k where k.batch = t.batch), t.attempt, t.stage) as detail
  from {schema}.external_tasks t
  left join {schema}.workflow_states s on s.bucket = t.bucket and s.batch = t.batch and s.stage = t.stage and s.item = t.item and s.attempt = t.attempt and s.status = {status.in_progress} and s.waits = {waits.worker}
 where t.bucket between 0 and 63
   and s.item is null
union all
select 6, format('item %s of batch %s waits for a worker at stage %s, but has no task', s.item, (select k.id from {schema}.batches k where k.batch = s.batch), s.stage)
  from {schema}.workflow_states s
  left join {schema}.external_tasks t on t.bucket = s.bucket and t.batch = s.batch and t.stage = s.stage and t.item = s.item and t.attempt = s.attempt
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits = {waits.worker}
   and t.item is null
 limit 100;
