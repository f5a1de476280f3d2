-- Holds a batch: nothing more of it is claimed. No state is touched. Called by SetPausedAsync.
with held as (
    update {schema}.batches
       set status = 2, version = version + 1
     where batch = @batch
       and status in (0, 1)
    returning batch)
insert into {schema}.batch_events (batch, kind, at)
select batch, 'paused', coalesce(@now, clock_timestamp())
  from held;
