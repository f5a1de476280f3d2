-- Takes a limit's row, so that what lease_block reads behind it is what holds. None is there before its first block. Locks: the limit. Called by LeaseBlockAsync.
select 1
  from {schema}.limits l
 where l.bucket = @bucket
   and l.name = @name
   for update;
