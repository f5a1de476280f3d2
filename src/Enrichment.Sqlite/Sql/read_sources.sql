-- The results of earlier stages that records are made of, reached through the states' references: those of more bytes than @above; of those above @inline the size
-- alone, so that the caller can say how many items it takes. Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
select s.item, s.stage, octet_length(r.data) as bytes, case when octet_length(r.data) <= @inline then r.data end as data
  from json_each(@sources) k
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
   and r.kind = {outcome.completed}
   and octet_length(r.data) > @above
 order by s.stage;
