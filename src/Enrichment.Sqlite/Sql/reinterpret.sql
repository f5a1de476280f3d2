-- Lets deliveries of a batch that changed nothing be interpreted again. Index: the primary key, once a bucket. Called by ReinterpretAsync.
update {schema}.inbox
   set state = {delivery.received}, reason = null, due_at = @now
 where bucket between 0 and 63
   and batch = @batch
   and state in ({delivery.ignored}, {delivery.faulty});
