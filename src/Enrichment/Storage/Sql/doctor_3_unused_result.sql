-- Invariant 3: every result is referred to by a state or its history. Called by ExamineAsync.
select r.attempt, r.item, b.id as batch, r.stage
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.batch and b.pruned_at is null
  left join {schema}.workflow_states s
    on s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage and s.item = r.item and s.result_attempt = r.attempt
 where r.bucket between 0 and 63
   and s.item is null
   and not exists (select 1
                     from {schema}.state_history h
                    where h.bucket = r.bucket and h.batch = r.batch and h.stage = r.stage and h.item = r.item
                      and h.result_attempt = r.attempt)
 limit 100;
