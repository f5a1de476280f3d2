-- Ends a batch by an operator's word; its open states follow bucket by bucket (cancel_bucket). Called by CancelAsync.
with ended as (
    update {schema}.batches
       set status = {batch.cancelled}, version = version + 1, completed_at = coalesce(@now, clock_timestamp())
     where batch = @batch
       and status in ({batch.pending}, {batch.running}, {batch.paused})
    returning batch)
insert into {schema}.batch_events (batch, kind, at)
select batch, 'cancelled', coalesce(@now, clock_timestamp())
  from ended;
