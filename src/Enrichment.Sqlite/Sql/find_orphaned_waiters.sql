-- Waits whose ask has ended and counts as shared, or is gone: their asker came too late, or was lost before he could say so. The net below await_entities.
-- Index: primary keys, once a bucket. Called by ReconcileRequestsAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select w.bucket, w.batch, w.stage, w.request_bucket, w.request_batch, w.request_item, s.item is null as gone
  from g
 cross join {schema}.entity_waiters w on w.bucket = g.bucket
  left join {schema}.workflow_states s on s.bucket = w.request_bucket and s.batch = w.request_batch and s.stage = 1 and s.item = w.request_item
 where s.item is null
    or (s.status in (3, 4, 5, 6) and s.advanced_at is not null)
 limit @limit;
