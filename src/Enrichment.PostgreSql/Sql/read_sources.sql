-- The results of earlier stages that records are made of, reached through the states' references. Index: primary keys.
-- Called by ClaimAsync and ReadAgainAsync.
select s.item, s.stage, r.data
  from {schema}.workflow_states s
  join {schema}.enrichment_results r
    on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = any (@sources)
   and s.item between @first and @last
   and s.status = 3
   and r.kind = 1
 order by s.stage;
