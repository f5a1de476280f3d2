-- Prolongs the time for which the calls of a host's blocks count as in flight. Called by RenewBlocks, on a thread of its own.
update {schema}.permit_blocks b
   set until = coalesce(@now, clock_timestamp()) + @duration
  from unnest(@buckets::smallint[], @names::text[], @blocks::bigint[]) as k (bucket, name, block)
 where b.bucket = k.bucket
   and b.name = k.name
   and b.block = k.block
   and b.owner = @owner
   and b.returned_at is null;
