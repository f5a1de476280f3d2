-- Lets deliveries of a batch that changed nothing be interpreted again. Index: the primary key, once a bucket. Called by ReinterpretAsync.
update {schema}.inbox i
   set state = {delivery.received}, reason = null, due_at = coalesce(@now, clock_timestamp())
 where i.bucket between 0 and 63
   and i.batch = @batch
   and i.state in ({delivery.ignored}, {delivery.faulty});
