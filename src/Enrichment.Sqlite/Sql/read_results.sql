-- The results that a block of items' states refer to. Index: primary keys, once a stage. Called by ReadResultsAsync and ReadItemsAsync, block after block.
select s.item, s.stage, r.attempt, r.kind, r.data, r.created_at
  from json_each(@stages) k
 cross join {schema}.workflow_states s
 cross join {schema}.enrichment_results r
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = k.value
   and s.item between @first and @last
   and s.status = {status.completed}
   and r.bucket = @bucket
   and r.batch = @batch
   and r.stage = s.stage
   and r.item = s.item
   and r.attempt = s.result_attempt
 order by s.item, s.stage;
