-- Writes attempts before their calls leave, under a live lease and for states that are open and as claimed. Locks: shares the lease's row,
-- so that it cannot be taken over in between. Called by BeginAttemptsAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:fence}
insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at, call)
select @bucket, @batch, @stage, a.item, a.attempt, a.generation, @owner, clock.now, a.call
  from fence, clock, unnest(@items::int[], @attempts::int[], @generations::smallint[], @calls::uuid[]) as a (item, attempt, generation, call)
 cross join lateral (select s.item
                       from {schema}.workflow_states s
                      where s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = a.item
                        and s.status = {status.pending} and s.attempt = a.attempt - 1 and s.generation = a.generation
                     offset 0) open
 where a.item between fence.lo and fence.hi
on conflict do nothing
returning item;
