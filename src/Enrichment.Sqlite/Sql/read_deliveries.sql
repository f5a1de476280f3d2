-- The deliveries to a block of a batch's items. Index: the primary key, once a stage. Called by ReadDeliveriesAsync, block after block.
select i.stage, i.item, i.attempt, i.message, i.state, i.reason, i.times, i.received_at, i.headers, i.body
  from json_each(@stages) k
 cross join {schema}.inbox i
 where i.bucket = @bucket
   and i.batch = @batch
   and i.stage = k.value
   and i.item between @first and @last
 order by i.item, i.received_at, i.stage, i.attempt, i.message;
