-- Of some requests of a range, those without waiters in any bucket, with their callers. Index: entities by item, entity_waiters_for. Called by CancelAsync and CancelBucketAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select e.item, e.callers
  from json_each(@items) a
 cross join {schema}.entities e
 where e.bucket = @bucket
   and e.batch = @batch
   and e.item = a.value
   and not exists (select 1
                     from g
                    cross join {schema}.entity_waiters w
                    where (e.waiting >> g.bucket) & 1 = 1
                      and w.bucket = g.bucket
                      and w.request_batch = @batch
                      and w.request_item = e.item)
 order by e.item;
