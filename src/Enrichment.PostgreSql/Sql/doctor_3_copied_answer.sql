-- Invariant 3: a copied answer has its source, unless the source's batch is pruned. Called by ExamineAsync.
select r.item, (select k.id from {schema}.batches k where k.batch = r.batch) as batch, r.stage,
       r.source & 4294967295 as request, b.id as source
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.source >> 32 and b.pruned_at is null
 where r.bucket between 0 and 63
   and not exists (select 1
                     from {schema}.enrichment_results a
                    where a.bucket between 0 and 63
                      and a.batch = r.source >> 32
                      and a.item = r.source & 4294967295
                      and a.data::text = r.data::text)
 limit 100;
