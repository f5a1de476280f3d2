-- The fence of a write under a lease: the lease that covers the item, by token, owner and the store's clock.
and exists (select 1
              from {schema}.leases l
             where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and l.lo = @lo and l.token = @token and l.owner = @owner and l.until > @now and s.item between l.lo and l.hi)
