-- Frees a held batch. Called by SetPausedAsync.
with freed as (
    update {schema}.batches
       set status = case when started_at is null then {batch.pending} else {batch.running} end, version = version + 1
     where batch = @batch
       and status = {batch.paused}
    returning batch)
insert into {schema}.batch_events (batch, kind, at)
select batch, 'resumed', coalesce(@now, clock_timestamp())
  from freed;
