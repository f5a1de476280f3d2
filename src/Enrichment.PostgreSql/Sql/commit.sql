-- Writes outcomes under a live lease: results, states, next stages, attempts and counters in one statement. The fence is the lease's row, by token and
-- by the store's clock; each state is guarded by its status, generation and attempt, and found by its whole key (see read_items).
-- A next stage that exists already is damage, not a race, because only the change above makes it: it fails the statement, and an upsert would cost a tenth.
-- An answer for an entity stays not advanced until its waiters are completed. Begun attempts are closed in any case; an answer that completed nothing stays
-- on its attempt, until it may count later.
-- Locks: shares the lease's row; the states; the attempts; the two ranges. Index: primary keys. Called by CommitAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:fence},
outcome as materialized (
    select *
      from unnest(@items::int[], @expected::int[], @attempts::int[], @generations::smallint[], @statuses::smallint[], @outcomes::smallint[], @results::json[],
                  @tries::smallint[], @waits::smallint[], @delays::bigint[], @classes::smallint[], @errors::text[], @costs::numeric[], @advances::boolean[], @sources::bigint[])
        as o (item, expected, attempt, generation, status, outcome, result, tries, waits, delay_ms, error_class, error, cost, advances, source)),
changed as (
    update {schema}.workflow_states s
       set status = o.status,
           tries = o.tries,
           waits = o.waits,
           error_class = o.error_class,
           attempt = o.attempt,
           result_attempt = case when o.status = {status.completed} then o.attempt end,
           due_at = case when o.status = {status.pending} then clock.now + o.delay_ms * interval '1 millisecond' else s.due_at end,
           updated_at = clock.now,
           advanced_at = case when o.status >= {status.completed} and not @requests then clock.now end,
           error = o.error
      from fence, clock, outcome o
     cross join lateral (select w.ctid as place
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item
                            and w.status = {status.pending} and w.attempt = o.expected and w.generation = o.generation
                         offset 0) open
     where s.ctid = open.place
       and s.bucket = @bucket
       and s.status = {status.pending}
       and o.item between fence.lo and fence.hi
    returning s.item, s.generation, s.status, s.attempt, o.expected, o.outcome, o.result, o.error_class, o.error, o.cost, o.advances, o.source),
stored as (
    insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at, source)
    select @bucket, @batch, @stage, c.item, c.attempt, c.outcome, c.result, clock.now, c.source
      from changed c, clock
     where c.status = {status.completed}),
next as (
    insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
    select @bucket, @batch, @stage + 1, c.item, {status.pending}, c.generation,
           {part:last_attempt},
           clock.now, clock.now
      from changed c, clock
     where c.advances
    returning item),
recorded as (
    insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, outcome, error_class, owner, started_at, ended_at, cost, error)
    select @bucket, @batch, @stage, c.item, c.attempt, c.generation, c.outcome, c.error_class, @owner, clock.now, clock.now, c.cost, c.error
      from changed c, clock
     where not @attemptsAreOpen
       and c.attempt > c.expected
       and (c.outcome > {outcome.skipped} or c.cost is not null)
    on conflict do nothing),
closed as (
    update {schema}.attempts a
       set outcome = coalesce(a.outcome, o.outcome),
           ended_at = coalesce(a.ended_at, clock.now),
           error_class = coalesce(a.error_class, o.error_class),
           cost = coalesce(o.cost, a.cost),
           error = coalesce(a.error, o.error),
           answer = case when open.counts then null when open.unstored then o.result else a.answer end
      from clock, outcome o
     cross join lateral (select w.ctid as place, w.outcome is null as is_open,
                                w.answer is not null and stored.yes as counts,
                                w.answer is null and o.result is not null and not stored.yes as unstored
                           from {schema}.attempts w
                          cross join lateral (select o.item in (select item from changed where status = {status.completed})
                                                  or exists (select 1
                                                               from {schema}.enrichment_results r
                                                              where r.bucket = @bucket and r.batch = @batch and r.stage = @stage and r.item = o.item and r.attempt = o.attempt) as yes) stored
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item and w.attempt = o.attempt
                         offset 0) open
     where @attemptsAreOpen
       and o.outcome is not null
       and a.ctid = open.place
       and a.bucket = @bucket
       and (open.is_open or open.unstored or open.counts)),
here as (
    update {schema}.ranges r
       set pending = r.pending - d.ended,
           {part:add_ended},
           to_advance = r.to_advance + case when @requests then d.ended else 0 end
      from (select count(*) filter (where status <> {status.pending})::int as ended,
                   {part:count_ended}
              from changed) d
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and d.ended > 0),
{part:count_next}
select item
  from changed;
