-- Locks a limit's row before any of its blocks, so that later reads of the transaction are current. There is no row before the limit's first block. Locks:
-- the limit. Called by LeasePermitsAsync and
-- ReturnPermitsAsync.
select 1
  from {schema}.limits l
 where l.bucket = @bucket
   and l.name = @name
   for update;
