-- Invariant 4: a stage exists only behind one that is terminal, advanced, and lets the item pass. Called by ExamineAsync.
select 4 as invariant,
       format('item %s of batch %s is at stage %s, but stage %s is %s', s.item, b.id, s.stage, s.stage - 1,
              case when p.item is null then 'missing' when p.advanced_at is null then 'not advanced' when p.status = {status.failed} then 'failed' else 'cancelled' end) as detail
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch
  left join {schema}.workflow_states p on p.bucket = s.bucket and p.batch = s.batch and p.stage = s.stage - 1 and p.item = s.item
 where s.bucket between 0 and 63
   and s.stage > 1
   and (p.item is null
        or p.advanced_at is null
        or not (p.status in ({status.completed}, {status.skipped}) or (p.status = {status.failed} and coalesce(b.snapshot -> 'stages' -> (p.stage - 1) ->> 'optional', 0))))
 limit 100;
