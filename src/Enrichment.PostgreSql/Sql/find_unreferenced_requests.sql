-- Of some requests of a range, those without waiters in any bucket, with their callers: a plain read, by which drop_requests sees whether a waiter has come meanwhile.
-- Index: entities by item, entity_waiters_for. Called by CancelAsync and CancelBucketAsync.
select e.item, e.callers
  from unnest(@items::int[]) as a (item)
 cross join lateral (select w.item, w.waiting, w.callers
                       from {schema}.entities w
                      where w.bucket = @bucket and w.batch = @batch and w.item = a.item
                     offset 0) e
 where not exists (select 1
                     from generate_series(0, 63) g
                     join {schema}.entity_waiters w on w.bucket = g and w.request_batch = @batch and w.request_item = e.item
                    where (e.waiting >> g) & 1 = 1)
 order by e.item;
