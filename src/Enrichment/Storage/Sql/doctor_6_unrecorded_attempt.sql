-- Invariant 6: a result of a step with effects outside has its attempt. Called by ExamineAsync.
select r.attempt, r.item, b.id as batch, r.stage
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.batch
  left join {schema}.attempts a
    on a.bucket = r.bucket and a.batch = r.batch and a.stage = r.stage and a.item = r.item and a.attempt = r.attempt
 where r.bucket between 0 and 63
   and coalesce(b.snapshot -> 'stages' -> (r.stage - 1) -> 'manifest' ->> 'effects', 'Pure') <> 'Pure'
   and r.source is null
   and a.item is null
 limit 100;
