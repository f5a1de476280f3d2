-- Invariant 3: a completed state refers to exactly one stored result, or its batch is pruned. Called by ExamineAsync.
select s.item, b.id as batch, s.stage, s.result_attempt as attempt
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch and b.pruned_at is null
  left join {schema}.enrichment_results r
    on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
 where s.bucket between 0 and 63
   and s.status = {status.completed}
   and r.item is null
 limit 100;
