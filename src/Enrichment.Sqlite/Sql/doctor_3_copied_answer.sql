-- Invariant 3: a copied answer has its source, unless the source's batch is pruned. Called by ExamineAsync.
select r.item, (select k.id from {schema}.batches k where k.batch = r.batch) as batch, r.stage,
       r.source & 4294967295 as request, b.id as source
  from {schema}.enrichment_results r
 cross join {schema}.batches b
 where r.bucket between 0 and 63
   and r.source is not null
   and b.batch = r.source >> 32
   and b.pruned_at is null
   and not exists (with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
                   select 1
                     from g
                    cross join {schema}.enrichment_results a
                    where a.bucket = g.bucket
                      and a.batch = r.source >> 32
                      and a.stage = 1
                      and a.item = r.source & 4294967295
                      and a.data = r.data)
 limit 100;
