-- Invariant 1: no entity is requested twice at once. Called by ExamineAsync.
select e.key as entity, count(*) as requests, max(cast(b.id as text)) as batch
  from {schema}.entities e
  join {schema}.batches b on b.batch = e.batch
  join {schema}.workflow_states s
    on s.bucket = e.bucket and s.batch = e.batch and s.stage = 1 and s.item = e.item
   and s.status in ({status.pending}, {status.in_progress})
 where e.bucket between 0 and 63
 group by b.client, b.request_hash, e.key
having count(*) > 1
 limit 100;
