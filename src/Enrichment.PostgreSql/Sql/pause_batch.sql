-- Holds a batch: nothing more of it is claimed. No state is touched. Called by SetPausedAsync.
with held as (
    update {schema}.batches
       set status = {batch.paused}, version = version + 1
     where batch = @batch
       and status in ({batch.pending}, {batch.running})
    returning batch)
insert into {schema}.batch_events (batch, kind, at)
select batch, 'paused', coalesce(@now, clock_timestamp())
  from held;
