-- Takes a lease in one range by compare-and-set on the range's token, so that live leases never overlap: every lease that the reader of the token has not
-- seen has raised the token. Prefers an interval that lost its host; else the first due item that no lease covers, and the
-- open items behind it up to the limit or the next lease. Also updates the range's date. Index: the primary key, workflow_states_dated. Called by ClaimAsync.
create temp table if not exists claim_found (lo integer, hi integer, n integer not null, suspect integer, ahead integer, wall integer);

delete from claim_found;

insert into claim_found (lo, hi, n, suspect, ahead, wall)
with seen as materialized (
    select r.next_item
      from {schema}.ranges r
      join {schema}.batches b on b.batch = r.batch
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and r.token = @token
       and b.status in ({batch.pending}, {batch.running})),
suspect as materialized (
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
       and s.due_at <= @now
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
       and s.due_at <= @now
       and not exists (select 1 from suspect)
       and not exists (select 1 from ahead)
       and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi)
     order by s.item
     limit 1),
first as materialized (
    select item from ahead
    union all
    select item from behind),
wall as materialized (
    select min(l.lo) as lo
      from {schema}.leases l
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo > (select item from first)),
span as (
    select s.item
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item >= (select item from first)
       and s.item < coalesce((select lo from wall), 9223372036854775807)
       and s.status = {status.pending}
     order by s.item
     limit @limit),
extent as materialized (
    select min(item) as lo, max(item) as hi, count(*) as n
      from span)
select extent.lo, extent.hi, extent.n, (select lo from suspect), (select item from ahead), (select lo from wall)
  from seen
  join extent;

update {schema}.ranges as r
   set token = r.token + 1,
       leased_at = @now,
       next_item = coalesce(f.hi + 1, r.next_item),
       due_at = case
           when f.suspect is not null or f.ahead is not null or f.n >= @limit or f.wall is not null
           then r.due_at
           else (select min(s.due_at)
                   from {schema}.workflow_states s
                  where s.bucket = @bucket
                    and s.batch = @batch
                    and s.stage = @stage
                    and s.waits in ({waits.retry}, {waits.rate_limit}, {waits.capable_host})
                    and s.status = {status.pending}
                    and (f.lo is null or s.item not between f.lo and f.hi)
                    and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi))
           end
  from claim_found f
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage;

update {schema}.batches
   set status = {batch.running}, version = version + 1, started_at = @now
 where batch = @batch
   and status = {batch.pending}
   and exists (select 1 from claim_found);

update {schema}.leases as l
   set owner = @owner,
       token = (select r.token from {schema}.ranges r where r.bucket = @bucket and r.batch = @batch and r.stage = @stage),
       until = @now + @lease
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = (select suspect from claim_found)
   and l.owner is null;

insert into {schema}.leases (bucket, batch, stage, lo, hi, token, owner, until)
select r.bucket, r.batch, r.stage, f.lo, f.hi, r.token, @owner, @now + @lease
  from claim_found f
  join {schema}.ranges r on r.bucket = @bucket and r.batch = @batch and r.stage = @stage
 where f.lo is not null;

select l.lo, l.hi, l.token, l.losses, l.alone
  from claim_found f
  join {schema}.leases l on l.bucket = @bucket and l.batch = @batch and l.stage = @stage and l.lo = coalesce(f.suspect, f.lo);
