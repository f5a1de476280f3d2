-- Waits whose ask has ended and counts as shared, or is gone: their asker came too late, or was lost before he could say so. The net below await_asks.
-- Index: primary keys, once a bucket. Called by TendAsksAsync.
select w.bucket, w.batch, w.stage, w.ask_bucket, w.ask_batch, w.ask_item, s.item is null as gone
  from generate_series(0, 63) g
  join {schema}.entity_waits w on w.bucket = g
  left join lateral (select a.item, a.status, a.advanced_at
                       from {schema}.workflow_states a
                      where a.bucket = w.ask_bucket and a.batch = w.ask_batch and a.stage = 1 and a.item = w.ask_item
                     offset 0) s on true
 where s.item is null
    or (s.status in (3, 4, 5, 6) and s.advanced_at is not null)
 limit @limit;
