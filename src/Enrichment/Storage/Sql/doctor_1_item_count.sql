-- Invariant 1: a batch's count of items is right, unless the batch is pruned. Called by ExamineAsync.
select b.id as batch, b.items as recorded, coalesce(c.n, 0) as items
  from {schema}.batches b
  left join (select i.batch, count(*) as n from {schema}.batch_items i where i.bucket between 0 and 63 group by i.batch) c
    on c.batch = b.batch
 where coalesce(c.n, 0) <> b.items
   and b.pruned_at is null
   and not b.entity_requests
 limit 100;
