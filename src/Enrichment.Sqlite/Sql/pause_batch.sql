-- Holds a batch: nothing more of it is claimed. No state is touched. Called by SetPausedAsync.
update {schema}.batches
   set status = 2, version = version + 1
 where batch = @batch
   and status in (0, 1);

insert into {schema}.batch_events (batch, kind, at)
select @batch, 'paused', @now
 where changes() > 0
returning batch;
