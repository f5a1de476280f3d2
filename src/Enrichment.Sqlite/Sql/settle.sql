-- Writes outcomes of calls that were sent: results, states, next stages, attempts, counters and the results of deliveries, in one transaction. No lease
-- guards it
-- but the state's own generation and attempt: an answer completes any open state of the generation that has reached its attempt, any other outcome is for a
-- state in progress with that very attempt. An earlier attempt that is answered ends the wait for the later one: its call is unknown until it is answered
-- too.
-- Index: primary keys, reached from the outcomes (see commit). Called by SettleAsync.
create temp table if not exists settling (
    item integer primary key,
    attempt integer, generation integer, status integer, outcome integer, result text, tries integer, waits integer, delay_ms integer, error_class integer, error text,
    cost text, advances integer, reference text, message text,
    reached integer,              -- the state's attempt
    was integer,                  -- the status of the state that changes or continues to wait; null: it does not change
    due_at integer,               -- when something acts next
    reason text                   -- why it is not touched
);

delete from settling;

insert into settling (item, attempt, generation, status, outcome, result, tries, waits, delay_ms, error_class, error, cost, advances, reference, message, reached, was, due_at, reason)
with o as materialized (
    select value
      from jsonb_each(cast(@outcomes as text))),
found as materialized (
    select o.value,
           s.status, s.generation, s.attempt as reached,
           s.generation = o.value ->> 3
           and (s.status = {status.in_progress} and s.attempt = o.value ->> 2 or o.value ->> 4 = 3 and s.status in ({status.pending}, {status.in_progress}) and s.attempt >= o.value ->> 2)
           and a.attempt is not null as counts,
           a.deadline_at
      from o
      left join {schema}.workflow_states s on s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = o.value ->> 0
      left join {schema}.attempts a on a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = o.value ->> 0 and a.attempt = o.value ->> 2)
select f.value ->> 0, f.value ->> 2, f.value ->> 3, f.value ->> 4, f.value ->> 5, f.value ->> 6, f.value ->> 7, f.value ->> 8, f.value ->> 9, f.value ->> 10,
       f.value ->> 11, f.value ->> 12, f.value ->> 13, f.value ->> 14, f.value ->> 15, f.reached,
       case when f.counts then f.status end,
       case f.value ->> 4 when 0 then @now + (f.value ->> 9)
                          when 2 then min(@now + (f.value ->> 9), coalesce(f.deadline_at, @now + (f.value ->> 9))) end,
       case when f.counts then null
            when f.generation is not f.value ->> 3 then 'superseded: the item was begun anew'
            when f.status >= {status.completed} then 'late: the state had ended'
            else 'an error answer to an earlier attempt: it closes that attempt alone' end
  from found f;

with o as materialized (
    select *
      from settling
     where was is not null)
update {schema}.workflow_states as s
   set status = o.status,
       tries = o.tries,
       waits = o.waits,
       error_class = o.error_class,
       result_attempt = case when o.status = {status.completed} then o.attempt end,
       due_at = coalesce(o.due_at, s.due_at),
       updated_at = @now,
       advanced_at = case when o.status >= {status.completed} and not @requests then @now end,
       error = o.error
  from o
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = o.item;

insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
select @bucket, @batch, @stage, o.item, o.attempt, o.outcome, o.result, @now
  from settling o
 where o.was is not null
   and o.status = {status.completed};

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
select @bucket, @batch, @stage + 1, o.item, {status.pending}, o.generation,
       {part:last_attempt},
       @now, @now
  from settling o
 where o.was is not null
   and o.advances;

with o as materialized (
    select s.*, a.outcome is null and s.status = {status.in_progress} as goes_on,
           s.status <> {status.in_progress} and (a.outcome is null or a.outcome = {outcome.unknown} and s.outcome <> {outcome.unknown} or s.was is not null and s.status = {status.completed}) as closes,
           s.was is not null and s.status = {status.completed} as counts,
           a.answer is null and s.result is not null
           and not exists (select 1
                             from {schema}.enrichment_results r
                            where r.bucket = @bucket and r.batch = @batch and r.stage = @stage and r.item = s.item and r.attempt = s.attempt) as unstored
      from settling s
     cross join {schema}.attempts a on a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item and a.attempt = s.attempt)
update {schema}.attempts as a
   set outcome = case when o.closes then o.outcome else a.outcome end,
       ended_at = case when o.closes then @now else a.ended_at end,
       error_class = case when o.closes then o.error_class else a.error_class end,
       cost = coalesce(o.cost, a.cost),
       error = case when o.closes then o.error else a.error end,
       reference = coalesce(o.reference, a.reference),
       answer = case when o.counts then null when o.unstored then o.result else a.answer end
  from o
 where a.bucket = @bucket
   and a.batch = @batch
   and a.stage = @stage
   and a.item = o.item
   and a.attempt = o.attempt
   and (o.goes_on or o.closes or o.unstored);

with o as materialized (
    select item, reached
      from settling
     where was = {status.in_progress}
       and reached > attempt)
update {schema}.attempts as a
   set outcome = {outcome.unknown}, ended_at = @now, error_class = {class.outcome_unknown}, error = 'An earlier attempt was answered while this call was out.'
  from o
 where a.bucket = @bucket
   and a.batch = @batch
   and a.stage = @stage
   and a.item = o.item
   and a.attempt = o.reached
   and a.outcome is null;

update {schema}.ranges as r
   set pending = r.pending + d.back - d.early,
       in_progress = r.in_progress - d.ended,
       {part:add_ended},
       to_advance = r.to_advance + case when @requests then d.terminal else 0 end,
       due_at = coalesce(min(r.due_at, d.due_at), r.due_at, d.due_at),
       acts_at = coalesce(min(r.acts_at, d.acts_at), r.acts_at, d.acts_at)
  from (select count(*) filter (where status = {status.pending}) as back,
               count(*) filter (where was = {status.pending}) as early,
               count(*) filter (where was = {status.in_progress} and status <> {status.in_progress}) as ended,
               {part:count_ended},
               count(*) filter (where status >= {status.completed}) as terminal,
               min(due_at) filter (where status = {status.pending}) as due_at,
               min(due_at) filter (where status = {status.in_progress}) as acts_at,
               count(*) as n
          from settling
         where was is not null) d
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and d.n > 0;

delete from {schema}.external_tasks
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and @external
   and item in (select item from settling where was is not null and status <> {status.in_progress});

insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
select @bucket, @batch, @stage + 1, n.begun, @now
  from (select count(*) as begun from settling where was is not null and advances) n
{part:count_next};

with o as materialized (
    select *
      from settling
     where message is not null)
update {schema}.inbox as i
   set state = case when o.was is null then {delivery.ignored} else {delivery.applied} end, reason = o.reason
  from o
 where i.bucket = @bucket
   and i.batch = @batch
   and i.stage = @stage
   and i.item = o.item
   and i.attempt = o.attempt
   and i.message = o.message
   and (i.state <> {delivery.applied} or o.was is not null);

select item
  from settling
 where was is not null
 order by item;
