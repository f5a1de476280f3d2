-- Requests of a range that have ended and whose waiters are still to be completed, with their answers and the buckets in which they may have waiters: all, or some of an interval; up to a
-- number and to one answer behind a number of bytes.
-- Index: primary keys. Called by CompleteWaitersAsync.
select a.item, a.status, a.error_class, a.error, a.kind, a.data, a.waiting, a.callers
  from (select s.item, s.status, s.error_class, s.error, r.kind, r.data, e.waiting, e.callers,
               sum(r.bytes) over (order by s.item rows between unbounded preceding and 1 preceding) as before
          from (select w.item, w.status, w.error_class, w.error, w.result_attempt
                  from {schema}.workflow_states w
                 where w.bucket = @bucket
                   and w.batch = @batch
                   and w.stage = @stage
                   and w.item between @first and @last
                   and w.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
                   and w.advanced_at is null
                   and (@items::int[] is null or w.item = any (@items::int[]))
                 order by w.item
                 limit @limit) s
         cross join lateral (select w.waiting, w.callers
                               from {schema}.entities w
                              where w.bucket = @bucket and w.batch = @batch and w.item = s.item
                             offset 0) e
          left join lateral (select w.kind, w.data, w.bytes
                               from {schema}.enrichment_results w
                              where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = s.item and w.attempt = s.result_attempt
                             offset 0) r on true) a
 where coalesce(a.before, 0) < @byteLimit
 order by a.item;
