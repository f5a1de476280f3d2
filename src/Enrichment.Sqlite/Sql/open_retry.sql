-- Reopens a batch for a new generation of some items, and records it; changes nothing of one that is pruned. Called by RetryAsync, before retry_bucket in the same transaction.
update {schema}.batches
   set status = case when status = 2 then 2 else 1 end, version = version + 1, completed_at = null, started_at = coalesce(started_at, @now)
 where batch = @batch
   and pruned_at is null;

insert into {schema}.batch_events (batch, kind, detail, at)
select @batch, 'retried', @detail, @now
 where changes() > 0;
