-- The due items of a lease, which is found by its token, with their uploaded rows, ascending, up to a number of items and of bytes (always one at least).
-- Each row is looked up by its whole key: offset 0 keeps the planner, which knows nothing of a batch that was just launched, from any other plan.
-- Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
with held as materialized (
    select l.lo, l.hi
      from {schema}.leases l
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.token = @leaseToken
       and l.owner is not null)
select due.item, due.generation, due.attempt, due.tries, due.raw, due.key_generation
  from (select s.item, s.generation, s.attempt, s.tries, s.key_generation, u.raw,
               sum(u.bytes) over (order by s.item) as bytes,
               row_number() over (order by s.item) as turn
          from (select w.item, w.generation, w.attempt, w.tries, coalesce(w.key_generation, w.generation) as key_generation
                  from {schema}.workflow_states w
                 where w.bucket = @bucket
                   and w.batch = @batch
                   and w.stage = @stage
                   and w.item between (select lo from held) and (select hi from held)
                   and w.status = {status.pending}
                   and w.due_at <= coalesce(@now, clock_timestamp())
                 order by w.item
                 limit @limit) s
         cross join lateral (select r.raw, r.bytes
                               from {schema}.upload_rows r
                              where r.bucket = @bucket and r.upload = @upload and r.row = s.item
                             offset 0) u) due
 where due.bytes <= @byteLimit
    or due.turn = 1
 order by due.item;
