-- Notes why a delivery could not be interpreted. Called by MarkFaultyAsync.
update {schema}.inbox
   set state = {delivery.faulty}, reason = @reason
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and item = @item
   and attempt = @attempt
   and message = @message
   and state = {delivery.received};
