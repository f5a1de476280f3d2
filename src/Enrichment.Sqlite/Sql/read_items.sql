-- The due items of a lease with their uploaded rows, ascending, up to a number of items and of bytes (always one at least). Sizes are read from the rows' heads;
-- the rows themselves only of the items that are taken, because a window holds all that passes through it. Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
select due.item, due.generation, due.attempt, due.tries, r.raw, due.key_generation
  from (select s.item, s.generation, s.attempt, s.tries, coalesce(s.key_generation, s.generation) as key_generation,
               sum(octet_length(u.raw)) over (order by s.item rows unbounded preceding) as bytes,
               row_number() over (order by s.item) as turn
          from {schema}.leases l
         cross join {schema}.workflow_states s
         cross join {schema}.upload_rows u
         where l.bucket = @bucket
           and l.batch = @batch
           and l.stage = @stage
           and l.lo = @lo
           and l.token = @token
           and l.owner is not null
           and s.bucket = @bucket
           and s.batch = @batch
           and s.stage = @stage
           and s.item between l.lo and l.hi
           and s.status = {status.pending}
           and s.due_at <= @now
           and u.bucket = @bucket
           and u.upload = @upload
           and u.row = s.item
         order by s.item
         limit @limit) due
 cross join {schema}.upload_rows r
 where (due.bytes <= @byteLimit or due.turn = 1)
   and r.bucket = @bucket
   and r.upload = @upload
   and r.row = due.item
 order by due.item;
