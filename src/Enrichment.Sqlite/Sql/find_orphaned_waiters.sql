-- Waiters whose request has ended with its waiters completed, or is deleted: they came too late, or their host was lost before it read that the request had
-- ended. Finds what await_entities can miss.
-- Index: primary keys, once a bucket. Called by ReconcileRequestsAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select w.bucket, w.batch, w.stage, w.request_bucket, w.request_batch, w.request_item, s.item is null as gone
  from g
 cross join {schema}.entity_waiters w on w.bucket = g.bucket
  left join {schema}.workflow_states s on s.bucket = w.request_bucket and s.batch = w.request_batch and s.stage = 1 and s.item = w.request_item
 where s.item is null
    or (s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}) and s.advanced_at is not null)
 limit @limit;
