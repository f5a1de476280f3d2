-- The results that a block of items' states refer to, each by its whole key (see read_items). Index: primary keys, once a stage.
-- Called by ReadResultsAsync and ReadItemsAsync, block after block.
select s.item, p.stage, r.attempt, r.kind, r.data, r.created_at
  from unnest(@stages::smallint[]) as p (stage)
 cross join lateral (select w.item, w.result_attempt
                       from {schema}.workflow_states w
                      where w.bucket = @bucket and w.batch = @batch and w.stage = p.stage and w.item between @first and @last and w.status = {status.completed}
                     offset 0) s
 cross join lateral (select e.attempt, e.kind, e.data, e.created_at
                       from {schema}.enrichment_results e
                      where e.bucket = @bucket and e.batch = @batch and e.stage = p.stage and e.item = s.item and e.attempt = s.result_attempt
                     offset 0) r
 order by s.item, p.stage;
