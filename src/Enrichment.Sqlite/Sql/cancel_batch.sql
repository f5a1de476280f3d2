-- Ends a batch by an operator's word; its open states follow bucket by bucket (cancel_bucket). Called by CancelAsync.
update {schema}.batches
   set status = {batch.cancelled}, version = version + 1, completed_at = @now
 where batch = @batch
   and status in ({batch.pending}, {batch.running}, {batch.paused});

insert into {schema}.batch_events (batch, kind, at)
select @batch, 'cancelled', @now
 where changes() > 0
returning batch;
