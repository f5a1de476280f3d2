-- The deliveries of a batch. Index: the primary key, once a bucket. Called by ReadDeliveriesAsync.
select i.stage, i.item, i.attempt, i.message, i.state, i.reason, i.times, i.received_at, i.headers, i.body
  from {schema}.inbox i
 where i.bucket between 0 and 63
   and i.batch = @batch
 order by i.item, i.received_at, i.stage, i.attempt, i.message;
