-- Notes why a delivery could not be interpreted. Called by MarkFaultyAsync.
update {schema}.inbox i
   set state = {delivery.faulty}, reason = @reason
 where i.bucket = @bucket
   and i.batch = @batch
   and i.stage = @stage
   and i.item = @item
   and i.attempt = @attempt
   and i.message = @message
   and i.state = {delivery.received};
