-- Writes outcomes of calls that were sent: results, states, next stages, attempts, counters and the results of deliveries, in one statement. No lease guards
-- it but
-- the state's own generation and attempt: an answer completes any open state of the generation that has reached its attempt, any other outcome is for a state
-- in progress with that very attempt. An earlier attempt that is answered ends the wait for the later one: its call is unknown until it is answered too. Each
-- row is
-- found by its whole key (see read_items). Runs behind lock_states and lock_deliveries, so it reads current values. Locks: the attempts; the two
-- ranges. Index: primary keys. Called by SettleAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
outcome as materialized (
    select *
      from unnest(@items::int[], @attempts::int[], @generations::smallint[], @statuses::smallint[], @outcomes::smallint[], @results::json[], @tries::smallint[],
                  @waits::smallint[], @delays::bigint[], @references::text[], @classes::smallint[], @errors::text[], @costs::numeric[], @advances::boolean[], @messages::text[])
        as o (item, attempt, generation, status, outcome, result, tries, waits, delay_ms, reference, error_class, error, cost, advances, message)),
found as materialized (
    select o.item, o.attempt, o.status, o.outcome, o.result, o.tries, o.waits, o.delay_ms, o.error_class, o.error, o.advances,
           w.place, w.status as was, w.attempt as reached, a.deadline_at
      from outcome o
     cross join lateral (select s.ctid as place, s.status, s.attempt
                           from {schema}.workflow_states s
                          where s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = o.item
                            and s.generation = o.generation
                            and (s.status = {status.in_progress} and s.attempt = o.attempt or o.status = {status.completed} and s.status in ({status.pending}, {status.in_progress}) and s.attempt >= o.attempt)
                         offset 0) w
     cross join lateral (select w.deadline_at
                           from {schema}.attempts w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item and w.attempt = o.attempt
                         offset 0) a),
changed as (
    update {schema}.workflow_states s
       set status = f.status,
           tries = f.tries,
           waits = f.waits,
           error_class = f.error_class,
           result_attempt = case when f.status = {status.completed} then f.attempt end,
           due_at = case f.status when {status.pending} then clock.now + f.delay_ms * interval '1 millisecond'
                                  when {status.in_progress} then least(clock.now + f.delay_ms * interval '1 millisecond', f.deadline_at)
                                  else s.due_at end,
           updated_at = clock.now,
           advanced_at = case when f.status >= {status.completed} and not @requests then clock.now end,
           error = f.error
      from clock, found f
     where s.ctid = f.place
       and s.bucket = @bucket
    returning s.item, s.generation, s.status, s.due_at, f.was, f.reached, f.attempt, f.outcome, f.result, f.advances),
stored as (
    insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
    select @bucket, @batch, @stage, c.item, c.attempt, c.outcome, c.result, clock.now
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
closed as (
    update {schema}.attempts a
       set outcome = case when open.closes then o.outcome else a.outcome end,
           ended_at = case when open.closes then clock.now else a.ended_at end,
           error_class = case when open.closes then o.error_class else a.error_class end,
           cost = coalesce(o.cost, a.cost),
           error = case when open.closes then o.error else a.error end,
           reference = coalesce(o.reference, a.reference),
           answer = case when open.counts then null when open.unstored then o.result else a.answer end
      from clock, outcome o
     cross join lateral (select w.ctid as place, w.outcome is null and o.status = {status.in_progress} as goes_on,
                                o.status <> {status.in_progress} and (w.outcome is null or w.outcome = {outcome.unknown} and o.outcome <> {outcome.unknown} or stored.now) as closes,
                                stored.now as counts,
                                w.answer is null and o.result is not null and not stored.now and not stored.before as unstored
                           from {schema}.attempts w
                          cross join lateral (select o.item in (select item from changed where status = {status.completed}) as now,
                                                     exists (select 1
                                                               from {schema}.enrichment_results r
                                                              where r.bucket = @bucket and r.batch = @batch and r.stage = @stage and r.item = o.item and r.attempt = o.attempt) as before) stored
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item and w.attempt = o.attempt
                         offset 0) open
     where a.ctid = open.place
       and a.bucket = @bucket
       and (open.goes_on or open.closes or open.unstored)),
overtaken as (
    update {schema}.attempts a
       set outcome = {outcome.unknown}, ended_at = clock.now, error_class = {class.outcome_unknown}, error = 'An earlier attempt was answered while this call was out.'
      from clock, changed c
     cross join lateral (select w.ctid as place
                           from {schema}.attempts w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = c.item and w.attempt = c.reached
                            and w.outcome is null
                         offset 0) open
     where c.was = {status.in_progress}
       and c.reached > c.attempt
       and a.ctid = open.place
       and a.bucket = @bucket),
here as (
    update {schema}.ranges r
       set pending = r.pending + d.back - d.early,
           in_progress = r.in_progress - d.ended,
           {part:add_ended},
           to_advance = r.to_advance + case when @requests then d.terminal else 0 end,
           due_at = least(r.due_at, d.due_at),
           acts_at = least(r.acts_at, d.acts_at)
      from (select count(*) filter (where status = {status.pending})::int as back,
                   count(*) filter (where was = {status.pending})::int as early,
                   count(*) filter (where was = {status.in_progress} and status <> {status.in_progress})::int as ended,
                   {part:count_ended},
                   count(*) filter (where status >= {status.completed})::int as terminal,
                   min(due_at) filter (where status = {status.pending}) as due_at,
                   min(due_at) filter (where status = {status.in_progress}) as acts_at,
                   count(*) as n
              from changed) d
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and d.n > 0),
{part:count_next},
freed as (
    delete from {schema}.external_tasks t
     using changed c
     where @external
       and t.bucket = @bucket
       and t.batch = @batch
       and t.stage = @stage
       and t.item = c.item
       and c.status <> {status.in_progress}),
delivered as (
    update {schema}.inbox i
       set state = case when o.item in (select item from changed) then {delivery.applied} else {delivery.ignored} end,
           reason = case when o.item in (select item from changed) then null
                         when s.generation is distinct from o.generation then 'superseded: the item was begun anew'
                         when s.status >= {status.completed} then 'late: the state had ended'
                         else 'an error answer to an earlier attempt: it closes that attempt alone' end
      from outcome o
     cross join lateral (select w.ctid as place, w.state
                           from {schema}.inbox w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item and w.attempt = o.attempt and w.message = o.message
                         offset 0) open
      left join lateral (select w.generation, w.status
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = o.item
                         offset 0) s on true
     where o.message is not null
       and (open.state <> {delivery.applied} or o.item in (select item from changed))
       and i.ctid = open.place
       and i.bucket = @bucket)
select item
  from changed;
