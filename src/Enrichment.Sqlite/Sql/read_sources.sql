-- The results of earlier stages that records are made of, reached through the states' references. Index: primary keys.
-- Called by ClaimAsync and ReadAgainAsync.
select s.item, s.stage, r.data
  from json_each(@sources) k
 cross join {schema}.workflow_states s
 cross join {schema}.enrichment_results r
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = k.value
   and s.item between @first and @last
   and s.status = 3
   and r.bucket = @bucket
   and r.batch = @batch
   and r.stage = s.stage
   and r.item = s.item
   and r.attempt = s.result_attempt
   and r.kind = 1
 order by s.stage;
