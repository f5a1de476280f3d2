-- Invariant 1: a waiter waits for a request that is open or whose waiters are still to be completed, no other item has a wait, and no entity is requested
-- twice at once. Invariant 3:
-- a copied answer has its source, unless the source's batch is pruned. Called by ExamineAsync.
select 1 as invariant, format('item %s of batch %s waits at stage %s for an entity, but for no request that will end that', s.item, (select k.id from {schema}.batches k where k.batch = s.batch), s.stage) as detail
  from {schema}.workflow_states s
  left join {schema}.entity_waiters w on w.bucket = s.bucket and w.batch = s.batch and w.stage = s.stage and w.item = s.item
  left join {schema}.workflow_states a on a.bucket = w.request_bucket and a.batch = w.request_batch and a.stage = 1 and a.item = w.request_item
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits = {waits.entity}
   and (a.item is null or a.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}) and a.advanced_at is not null)
union all
select 1, format('item %s of batch %s has a wait at stage %s for an entity, but its state does not wait for one', w.item, (select k.id from {schema}.batches k where k.batch = w.batch), w.stage)
  from {schema}.entity_waiters w
  left join {schema}.workflow_states s on s.bucket = w.bucket and s.batch = w.batch and s.stage = w.stage and s.item = w.item and s.status = {status.in_progress} and s.waits = {waits.entity}
 where w.bucket between 0 and 63
   and s.item is null
union all
select 1, format('the entity %s is requested %s times at once, last in batch %s', e.key, count(*), max(b.id::text))
  from {schema}.entities e
  join {schema}.batches b on b.batch = e.batch
  join {schema}.workflow_states s on s.bucket = e.bucket and s.batch = e.batch and s.stage = 1 and s.item = e.item and s.status in ({status.pending}, {status.in_progress})
 where e.bucket between 0 and 63
 group by b.client, b.request_hash, e.key
having count(*) > 1
union all
select 3, format('the result of item %s of batch %s at stage %s is a copy of an answer that request %s of batch %s has not given', r.item, (select k.id from {schema}.batches k where k.batch = r.batch), r.stage, r.source & 4294967295, b.id)
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.source >> 32 and b.pruned_at is null
 where r.bucket between 0 and 63
   and not exists (select 1
                     from {schema}.enrichment_results a
                    where a.bucket between 0 and 63 and a.batch = r.source >> 32 and a.item = r.source & 4294967295 and a.data::text = r.data::text)
 limit 100;
