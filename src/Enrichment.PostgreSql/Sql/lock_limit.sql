-- Takes a limit's row, so that what is read behind it is what holds, and before any of its blocks. None is there before its first block. Locks: the limit. Called by LeasePermitsAsync and
-- ReturnPermitsAsync.
select 1
  from {schema}.limits l
 where l.bucket = @bucket
   and l.name = @name
   for update;
