-- Detaches the partition of a month, or drops it once it is detached. Locks: see the function. Called by MaintainPartitionsAsync, until it returns false.
select {schema}.drop_month(@month, coalesce(@now, clock_timestamp()));
