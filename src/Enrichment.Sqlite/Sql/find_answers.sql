-- Asks of a range that have ended and are still to be shared, with their answers and the buckets in which somebody may wait for them: all, or some of an interval.
-- Index: primary keys. Called by ShareAsync.
select s.item, s.status, s.error_class, s.error, r.kind, r.data, e.waiting, e.callers
  from {schema}.workflow_states s
  join {schema}.entities e on e.bucket = @bucket and e.batch = @batch and e.item = s.item
  left join {schema}.enrichment_results r on r.bucket = @bucket and r.batch = @batch and r.stage = @stage and r.item = s.item and r.attempt = s.result_attempt
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item between @first and @last
   and s.status in (3, 4, 5, 6)
   and s.advanced_at is null
   and (@items is null or s.item in (select value from json_each(@items)))
 order by s.item
 limit @limit;
