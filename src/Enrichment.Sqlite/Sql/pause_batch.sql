-- Holds a batch: nothing more of it is claimed. No state is touched. Called by SetPausedAsync.
update {schema}.batches
   set status = {batch.paused}, version = version + 1
 where batch = @batch
   and status in ({batch.pending}, {batch.running});

insert into {schema}.batch_events (batch, kind, at)
select @batch, 'paused', @now
 where changes() > 0
returning batch;
