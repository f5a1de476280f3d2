-- The buckets in which deliveries wait to be interpreted: a plain read, of one delivery a bucket however many wait. Index: inbox_to_interpret.
-- Called by TakeDeliveriesAsync.
with recursive g (bucket) as (
    values (0)
    union all
    select bucket + 1 from g where bucket < 63)
select bucket
  from g
 where exists (select 1
                 from {schema}.inbox i
                where i.bucket = g.bucket
                  and i.state = {delivery.received}
                  and i.due_at <= @now);
