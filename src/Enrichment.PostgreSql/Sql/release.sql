-- Gives a lease back, unless an item inside is due, and puts the earliest date of its open items on the range. An arrival that this statement's
-- snapshot misses has put its own date on the range. Locks: the lease's and the range's row. Called by ReleaseAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
waiting as materialized (
    select min(s.due_at) as due_at
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item between @lo and @hi
       and s.status = {status.pending}),
gone as (
    delete from {schema}.leases l
     using waiting, clock
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo = @lo
       and l.token = @token
       and (@evenIfDue or waiting.due_at is null or waiting.due_at > clock.now)
    returning l.lo),
dated as (
    update {schema}.ranges r
       set due_at = least(r.due_at, waiting.due_at), next_item = least(r.next_item, case when waiting.due_at is null then r.next_item else @lo end)
      from gone, waiting
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and waiting.due_at is not null)
select (select count(*) from gone) > 0
    or not exists (select 1
                     from {schema}.leases l
                    where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and l.lo = @lo and l.token = @token);
