-- Gives an upload up: from here on nothing can be added to it, and it cannot be sealed. Changes nothing if it is sealed, or was added to meanwhile.
-- Called by GiveUpAsync.
update {schema}.uploads
   set pruned_at = coalesce(pruned_at, coalesce(@now, clock_timestamp()))
 where upload = @upload
   and sealed_at is null
   and (pruned_at is not null or coalesce(staged_at, created_at) <= coalesce(@now, clock_timestamp()) - @idle);
