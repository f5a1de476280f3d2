-- The fence of a write under a lease: the lease's row, by token, owner and the store's clock, locked for share until the end of the transaction. Empty if the
-- lease is lost.
fence as materialized (
    select l.lo, l.hi
      from {schema}.leases l, clock
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo = @lo
       and l.token = @token
       and l.owner = @owner
       and l.until > clock.now
       for share of l)
