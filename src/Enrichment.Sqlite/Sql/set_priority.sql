-- Gives a batch another weight against its client's other batches; every host reads it before its next claim. Called by SetPriorityAsync.
update {schema}.batches
   set priority = @priority
 where batch = @batch
   and status in ({batch.pending}, {batch.running}, {batch.paused});

insert into {schema}.batch_events (batch, kind, detail, at)
select @batch, 'prioritized', json_object('priority', @priority), @now
 where changes() > 0
returning batch;
