-- The buckets in which deliveries wait to be interpreted: a plain read. Index: inbox_to_interpret. Called by TakeDeliveriesAsync.
select distinct i.bucket
  from {schema}.inbox i
 where i.bucket between 0 and 63
   and i.state = 0
   and i.due_at <= coalesce(@now, clock_timestamp());
