-- Frees a held batch. Called by SetPausedAsync.
update {schema}.batches
   set status = case when started_at is null then {batch.pending} else {batch.running} end, version = version + 1
 where batch = @batch
   and status = {batch.paused};

insert into {schema}.batch_events (batch, kind, at)
select @batch, 'resumed', @now
 where changes() > 0
returning batch;
