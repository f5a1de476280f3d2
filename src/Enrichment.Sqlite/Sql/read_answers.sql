-- The answers to which the states of some items at a stage refer, each by its whole key. Index: primary keys. Called by ReadAnswersAsync.
with i as materialized (select value ->> 0 as bucket, value ->> 1 as item from json_each(@items))
select i.item, r.source, r.data
  from i
 cross join {schema}.workflow_states s on s.bucket = i.bucket and s.batch = @batch and s.stage = @stage and s.item = i.item and s.status = {status.completed}
 cross join {schema}.enrichment_results r on r.bucket = i.bucket and r.batch = @batch and r.stage = @stage and r.item = i.item and r.attempt = s.result_attempt
   and r.kind = {outcome.completed};
