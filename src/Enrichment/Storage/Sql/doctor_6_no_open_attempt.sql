-- Invariant 6: a state that waits for the answer to a call has an open attempt. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage, s.attempt
  from {schema}.workflow_states s
  left join {schema}.attempts a
    on a.bucket = s.bucket and a.batch = s.batch and a.stage = s.stage and a.item = s.item and a.attempt = s.attempt and a.outcome is null
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
   and a.item is null
 limit 100;
