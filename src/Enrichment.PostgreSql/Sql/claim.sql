-- Takes a lease in one range by compare-and-set on the range's token, so that live leases never overlap: every lease that the reader of the token has not
-- seen has raised the token. Prefers an interval that lost its host; else the first due item that no lease covers, and the
-- open items behind it up to the limit or the next lease. Also updates the range's date. Runs behind lock_range, so it sees all states that came into the
-- range or were given back; a date that was read earlier must not hide them. Index: the primary key, workflow_states_dated. Called by ClaimAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
seen as (
    select r.next_item
      from {schema}.ranges r
      join {schema}.batches b on b.batch = r.batch
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and r.token = @token
       and b.status in ({batch.pending}, {batch.running})),
suspect as (
    select l.lo, l.hi
      from {schema}.leases l
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.owner is null
     order by l.lo
     limit 1),
ahead as materialized (
    select s.item
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item >= (select next_item from seen)
       and s.status = {status.pending}
       and s.due_at <= (select now from clock)
       and not exists (select 1 from suspect)
       and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi)
     order by s.item
     limit 1),
behind as materialized (
    select s.item
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item < (select next_item from seen)
       and s.status = {status.pending}
       and s.due_at <= (select now from clock)
       and not exists (select 1 from suspect)
       and not exists (select 1 from ahead)
       and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi)
     order by s.item
     limit 1),
first as (
    select item from ahead
    union all
    select item from behind),
wall as (
    select min(l.lo) as lo
      from {schema}.leases l
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo > (select item from first)),
span as materialized (
    select s.item
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item >= (select item from first)
       and s.item < coalesce((select lo from wall), 2147483647)
       and s.status = {status.pending}
     order by s.item
     limit @limit),
extent as (
    select min(item) as lo, max(item) as hi, count(*) as n
      from span),
taken as (
    update {schema}.ranges r
       set token = r.token + 1,
           leased_at = clock.now,
           next_item = coalesce(extent.hi + 1, r.next_item),
           due_at = case
               when exists (select 1 from suspect) or exists (select 1 from ahead) or extent.n >= @limit or wall.lo is not null
               then r.due_at
               else (select min(s.due_at)
                       from {schema}.workflow_states s
                      where s.bucket = @bucket
                        and s.batch = @batch
                        and s.stage = @stage
                        and s.waits in ({waits.retry}, {waits.rate_limit}, {waits.capable_host})
                        and s.status = {status.pending}
                        and (extent.lo is null or s.item not between extent.lo and extent.hi)
                        and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi))
               end
      from seen, clock, extent, wall
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and r.token = @token
    returning r.token),
begun as (
    update {schema}.batches b
       set status = {batch.running}, version = b.version + 1, started_at = clock.now
      from taken, clock
     where b.batch = @batch
       and b.status = {batch.pending}),
revived as (
    update {schema}.leases l
       set owner = @owner, token = taken.token, until = clock.now + @lease
      from taken, clock, suspect
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo = suspect.lo
       and l.owner is null
    returning l.lo, l.hi, l.token, l.losses, l.alone),
fresh as (
    insert into {schema}.leases (bucket, batch, stage, lo, hi, token, owner, until)
    select @bucket, @batch, @stage, extent.lo, extent.hi, taken.token, @owner, clock.now + @lease
      from taken, clock, extent
     where extent.lo is not null
    returning lo, hi, token, losses, alone)
select lo, hi, token, losses, alone from revived
union all
select lo, hi, token, losses, alone from fresh;
