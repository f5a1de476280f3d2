-- The results that a block of items' states refer to. Index: primary keys, once a stage. Called by ReadResultsAsync and ReadItemsAsync, block after block.
select s.item, s.stage, r.attempt, r.kind, r.data, r.created_at
  from {schema}.workflow_states s
  join {schema}.enrichment_results r
    on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = any (@stages)
   and s.item between @first and @last
   and s.status = 3
 order by s.item, s.stage;
