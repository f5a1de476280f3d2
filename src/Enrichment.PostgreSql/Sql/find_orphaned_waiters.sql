-- Waiters whose request has ended with its waiters completed, or is deleted: they came too late, or their host was lost before it read that the request had
-- ended. Finds what await_entities can miss.
-- Index: primary keys, once a bucket. Called by ReconcileRequestsAsync.
select w.bucket, w.batch, w.stage, w.request_bucket, w.request_batch, w.request_item, s.item is null as gone
  from generate_series(0, 63) g
  join {schema}.entity_waiters w on w.bucket = g
  left join lateral (select a.item, a.status, a.advanced_at
                       from {schema}.workflow_states a
                      where a.bucket = w.request_bucket and a.batch = w.request_batch and a.stage = 1 and a.item = w.request_item
                     offset 0) s on true
 where s.item is null
    or (s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}) and s.advanced_at is not null)
 limit @limit;
