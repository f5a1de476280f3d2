-- Requests of a range that have ended and whose waiters are still to be completed, with their answers and the buckets in which they may have waiters: all, or some of an interval; up to a
-- number and to one answer behind a number of bytes.
-- Index: primary keys. Called by CompleteWaitersAsync.
with s as materialized (
    select w.item, w.status, w.error_class, w.error, w.result_attempt
      from {schema}.workflow_states w
     where w.bucket = @bucket
       and w.batch = @batch
       and w.stage = @stage
       and w.item between @first and @last
       and w.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
       and w.advanced_at is null
       and (@items is null or w.item in (select value from json_each(@items)))
     order by w.item
     limit @limit)
select a.item, a.status, a.error_class, a.error, a.kind, a.data, a.waiting, a.callers
  from (select s.item, s.status, s.error_class, s.error, r.kind, r.data, e.waiting, e.callers,
               sum(octet_length(r.data)) over (order by s.item rows between unbounded preceding and 1 preceding) as before
          from s
         cross join {schema}.entities e on e.bucket = @bucket and e.batch = @batch and e.item = s.item
          left join {schema}.enrichment_results r on r.bucket = @bucket and r.batch = @batch and r.stage = @stage and r.item = s.item and r.attempt = s.result_attempt) a
 where coalesce(a.before, 0) < @byteLimit
 order by a.item;
