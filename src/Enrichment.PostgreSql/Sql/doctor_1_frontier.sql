-- Invariant 1: every item has exactly one frontier, an open state or a terminal one not yet advanced, or its pipeline has ended. Called by ExamineAsync.
with item as (
    select i.bucket, i.batch, i.item, b.id, b.snapshot,
           count(s.item) filter (where s.status in ({status.pending}, {status.in_progress}) or s.advanced_at is null) as frontiers,
           count(s.item) as states,
           max(s.stage) as last
      from {schema}.batch_items i
      join {schema}.batches b on b.batch = i.batch
      left join {schema}.workflow_states s on s.bucket = i.bucket and s.batch = i.batch and s.item = i.item
     where i.bucket between 0 and 63
     group by i.bucket, i.batch, i.item, b.batch)
select i.item, i.id as batch, i.frontiers, i.states, i.last
  from item i
  left join {schema}.workflow_states l on l.bucket = i.bucket and l.batch = i.batch and l.stage = i.last and l.item = i.item
 where i.states = 0
    or i.frontiers > 1
    or (i.frontiers = 0
        and l.status in ({status.completed}, {status.skipped})
        and i.last < json_array_length(i.snapshot -> 'stages'))
    or (i.frontiers = 0
        and l.status = {status.failed}
        and coalesce((i.snapshot -> 'stages' -> (i.last - 1) ->> 'optional')::boolean, false)
        and i.last < json_array_length(i.snapshot -> 'stages'))
 limit 100;
