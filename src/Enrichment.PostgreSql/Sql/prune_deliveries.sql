-- Deletes the deliveries of a block of items of a pruned batch, behind their attempts in the same transaction: who was storing one, and held its attempt's key, has done
-- so by now, and whoever comes later waits for the attempt and finds it gone. In one statement with the attempts those would stay that were stored while it waited.
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
