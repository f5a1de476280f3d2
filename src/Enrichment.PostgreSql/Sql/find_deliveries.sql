-- The buckets in which deliveries wait to be interpreted: a plain read, of one delivery a bucket however many wait. Index: inbox_to_interpret.
-- Called by TakeDeliveriesAsync.
select g.bucket::smallint
  from generate_series(0, 63) as g (bucket)
 cross join lateral (select 1
                       from {schema}.inbox i
                      where i.bucket = g.bucket
                        and i.state = {delivery.received}
                        and i.due_at <= coalesce(@now, clock_timestamp())
                      order by i.due_at
                      limit 1) i;
