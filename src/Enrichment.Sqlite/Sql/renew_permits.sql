-- Prolongs the time for which the calls of a host's blocks count as in flight. Called by RenewBlocks, on a thread of its own.
update {schema}.permit_blocks as b
   set until = @now + @duration
  from json_each(@blocks) k
 where b.bucket = k.value ->> 0
   and b.name = k.value ->> 1
   and b.block = k.value ->> 2
   and b.owner = @owner
   and b.returned_at is null;
