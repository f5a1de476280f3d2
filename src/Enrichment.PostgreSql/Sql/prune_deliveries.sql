-- Deletes the deliveries of a block of items of a pruned batch, after their attempts in the same transaction. A host that was storing one held its attempt's
-- key and has finished by now; a later one waits for the attempt and finds it deleted. In one statement with the attempts, deliveries that were stored during
-- the wait would stay.
-- Locks: those rows. Index: the primary key, once a stage. Called by DeletePrunedAsync, after prune_items.
with deleted as (
    delete from {schema}.inbox d
     where d.bucket = @bucket
       and d.batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
       and d.stage = any (@stages)
       and d.item between @first and @last
    returning 1)
select count(*)::int
  from deleted;
