-- The calls that shared and stored answers have saved a batch, stage by stage: for each request with copies of its answer, the number of copies, whether it
-- was answered since the launch, and its cost. Reads all results of the batch; costs are
-- summed as decimals, by a function of the store's. Index: primary keys, once a bucket. Called by ReadSavingsAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63),
used as materialized (
    select r.stage, r.source, count(*) as items
      from g
     cross join {schema}.enrichment_results r
     where r.bucket = g.bucket
       and r.batch = @batch
       and r.source is not null
     group by r.stage, r.source),
told as (
    select u.stage, u.items,
           u.items - coalesce((select max(w.created_at)
                                 from g
                                cross join {schema}.enrichment_results w
                                where w.bucket = g.bucket and w.batch = u.source >> 32 and w.stage = 1 and w.item = u.source & 4294967295)
                              >= (select b.created_at from {schema}.batches b where b.batch = @batch), 0) as saved,
           (select exact_sum(1, w.cost)
              from g
             cross join {schema}.attempts w
             where w.bucket = g.bucket and w.batch = u.source >> 32 and w.stage = 1 and w.item = u.source & 4294967295) as cost
      from used u)
select t.stage, sum(t.items) as items, sum(t.saved) as saved, exact_sum(t.saved, t.cost) as cost
  from told t
 group by t.stage
 order by t.stage;
