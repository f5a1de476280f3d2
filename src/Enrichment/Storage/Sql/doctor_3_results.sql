-- Invariant 3: a state is COMPLETED if and only if it refers to exactly one stored result or its batch is pruned, and every result is referred to by a state or its history. Called by ExamineAsync.
select 3 as invariant, format('item %s of batch %s is completed at stage %s by attempt %s, which has no result', s.item, b.id, s.stage, s.result_attempt) as detail
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch and b.pruned_at is null
  left join {schema}.enrichment_results r
    on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
 where s.bucket between 0 and 63
   and s.status = {status.completed}
   and r.item is null
union all
select 3, format('item %s of batch %s refers to a result at stage %s, where it is not completed', s.item, (select k.id from {schema}.batches k where k.batch = s.batch), s.stage)
  from {schema}.workflow_states s
 where s.bucket between 0 and 63
   and s.status <> {status.completed}
   and s.result_attempt is not null
union all
select 3, format('the result of attempt %s of item %s of batch %s at stage %s belongs to no state', r.attempt, r.item, b.id, r.stage)
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.batch and b.pruned_at is null
  left join {schema}.workflow_states s
    on s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage and s.item = r.item and s.result_attempt = r.attempt
 where r.bucket between 0 and 63
   and s.item is null
   and not exists (select 1
                     from {schema}.state_history h
                    where h.bucket = r.bucket and h.batch = r.batch and h.stage = r.stage and h.item = r.item and h.result_attempt = r.attempt)
 limit 100;
