-- Asks of a range that have ended and are still to be shared, with their answers and the buckets in which somebody may wait for them: all, or some of an interval.
-- Index: primary keys. Called by ShareAsync.
select s.item, s.status, s.error_class, s.error, r.kind, r.data, e.waiting, e.callers
  from (select w.item, w.status, w.error_class, w.error, w.result_attempt
          from {schema}.workflow_states w
         where w.bucket = @bucket
           and w.batch = @batch
           and w.stage = @stage
           and w.item between @first and @last
           and w.status in (3, 4, 5, 6)
           and w.advanced_at is null
           and (@items::int[] is null or w.item = any (@items::int[]))
         order by w.item
         limit @limit) s
 cross join lateral (select w.waiting, w.callers
                       from {schema}.entities w
                      where w.bucket = @bucket and w.batch = @batch and w.item = s.item
                     offset 0) e
  left join lateral (select w.kind, w.data
                       from {schema}.enrichment_results w
                      where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = s.item and w.attempt = s.result_attempt
                     offset 0) r on true
 order by s.item;
