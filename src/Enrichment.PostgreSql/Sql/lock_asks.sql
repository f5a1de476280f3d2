-- Keeps a batch of asks open and its range of one bucket to oneself, so that the statement behind it in the same transaction sees every ask that was made before, and
-- whoever asks meanwhile waits. Makes the range if it is not there. Returns no row if the batch is closed. Called by AskAsync, before ask.
with open as (
    select b.batch
      from {schema}.batches b
     where b.batch = @batch
       and b.status in (0, 1, 2)
       for share)
insert into {schema}.ranges as r (bucket, batch, stage)
select @bucket, o.batch, @stage
  from open o
on conflict (bucket, batch, stage) do update
   set token = r.token
returning 1;
