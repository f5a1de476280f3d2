-- The sequencer: advances the terminal states of a range that were not advanced yet. Of two at once, one waits for the other's rows and finds them
-- advanced. Locks: those states, the two ranges. Index: primary keys. Called by AdvanceAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
moved as (
    update {schema}.workflow_states s
       set advanced_at = clock.now
      from clock
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
       and s.advanced_at is null
    returning s.item, s.generation, s.status),
next as (
    insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
    select @bucket, @batch, @stage + 1, m.item, {status.pending}, m.generation,
           coalesce((select max(h.attempt)
                       from {schema}.state_history h
                      where h.bucket = @bucket and h.batch = @batch and h.stage = @stage + 1 and h.item = m.item), 0),
           clock.now, clock.now
      from moved m, clock
     where not @last
       and (m.status in ({status.completed}, {status.skipped}) or (m.status = {status.failed} and @optional))
    on conflict do nothing
    returning item),
here as (
    update {schema}.ranges r
       set to_advance = r.to_advance - d.n
      from (select count(*)::int as n from moved) d
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and d.n > 0),
{part:count_next}
select count(*)::int
  from moved;
