-- The calls that shared and stored answers have saved a batch, stage by stage: for each request with copies of its answer, the number of copies, whether it
-- was answered since the launch, and its cost. Reads all results of the batch. Index: primary keys, once a bucket. Called by ReadSavingsAsync.
with used as materialized (
    select r.stage, r.source, count(*) as items
      from generate_series(0, 63) g
      join {schema}.enrichment_results r on r.bucket = g and r.batch = @batch
     where r.source is not null
     group by r.stage, r.source),
told as (
    select u.stage, u.items, u.items - case when a.created_at >= b.created_at then 1 else 0 end as saved, c.cost
      from used u
      join {schema}.batches b on b.batch = @batch
      left join lateral (select max(w.created_at) as created_at
                           from {schema}.enrichment_results w
                          where w.bucket between 0 and 63 and w.batch = (u.source >> 32)::int and w.stage = 1 and w.item = (u.source & 4294967295)::int) a on true
      left join lateral (select sum(w.cost) as cost
                           from {schema}.attempts w
                          where w.bucket between 0 and 63 and w.batch = (u.source >> 32)::int and w.stage = 1 and w.item = (u.source & 4294967295)::int) c on true)
select t.stage, sum(t.items)::int as items, sum(t.saved)::int as saved, sum(t.saved * t.cost) as cost
  from told t
 group by t.stage
 order by t.stage;
