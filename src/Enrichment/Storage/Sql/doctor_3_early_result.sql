-- Invariant 3: only a completed state refers to a result. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage
  from {schema}.workflow_states s
 where s.bucket between 0 and 63
   and s.status <> {status.completed}
   and s.result_attempt is not null
 limit 100;
