-- Gives a batch another weight against its client's other batches; every host reads it before its next claim. Called by SetPriorityAsync.
with changed as (
    update {schema}.batches
       set priority = @priority
     where batch = @batch
       and status in ({batch.pending}, {batch.running}, {batch.paused})
    returning batch)
insert into {schema}.batch_events (batch, kind, detail, at)
select batch, 'prioritized', json_build_object('priority', @priority), coalesce(@now, clock_timestamp())
  from changed;
