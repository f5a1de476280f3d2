-- Ends the waiters of one range as their requests have ended: completed with a copy of the answer that names its source, failed or skipped alike; a request
-- that
-- was cancelled sends them back. Idempotent: a completed waiter has no wait. The batch's snapshot says whether a stage follows; a next state that exists
-- already is damage, and stays as it is. Index: entity_waiters_for, primary keys, reached from the waiters. Called by CompleteWaitersAsync.
create temp table if not exists sharing (
    item integer primary key,
    request_item integer, status integer, kind integer, result text, error_class integer, error text, generation integer, attempt integer,
    changed integer,              -- its state waits
    begins integer                -- the next stage's state is to be made
);

delete from sharing;

insert into sharing (item, request_item, status, kind, result, error_class, error, generation, attempt, changed, begins)
with a as materialized (
    select value
      from jsonb_each(cast(@answers as text))),
p as materialized (
    select coalesce(b.snapshot -> 'stages' -> (@stage - 1) ->> 'optional', 0) as optional, json_array_length(b.snapshot, '$.stages') > @stage as goes_on
      from {schema}.batches b
     where b.batch = @batch)
select w.item, w.request_item, a.value ->> 1, a.value ->> 2, a.value ->> 3, a.value ->> 4, a.value ->> 5, s.generation, s.attempt,
       s.item is not null,
       s.item is not null
       and p.goes_on
       and (a.value ->> 1 in (3, 5) or (a.value ->> 1 = 4 and p.optional))
       and not exists (select 1 from {schema}.workflow_states n where n.bucket = @bucket and n.batch = @batch and n.stage = @stage + 1 and n.item = w.item)
  from a
 cross join p
 cross join {schema}.entity_waiters w
  left join {schema}.workflow_states s on s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = w.item and s.status = {status.in_progress} and s.waits = {waits.entity}
 where w.bucket = @bucket
   and w.batch = @batch
   and w.stage = @stage
   and w.request_batch = @requestBatch
   and w.request_item = a.value ->> 0;

delete from {schema}.entity_waiters
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and item in (select item from sharing);

with a as materialized (
    select *
      from sharing
     where changed)
update {schema}.workflow_states as s
   set status = case a.status when {status.cancelled} then {status.pending} else a.status end,
       waits = null,
       attempt = s.attempt + case a.status when {status.completed} then 1 else 0 end,
       result_attempt = case a.status when {status.completed} then s.attempt + 1 end,
       error_class = case a.status when {status.failed} then a.error_class end,
       error = case a.status when {status.completed} then null when {status.cancelled} then 'The call for the item''s entity was lost or cancelled; it is made again.' else a.error end,
       due_at = case a.status when {status.cancelled} then @now else s.due_at end,
       updated_at = @now,
       advanced_at = case when a.status <> {status.cancelled} then @now end
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at, source)
select @bucket, @batch, @stage, a.item, a.attempt + 1, a.kind, a.result, @now, @requestBatch << 32 | a.request_item
  from sharing a
 where a.changed
   and a.status = {status.completed};

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
select @bucket, @batch, @stage + 1, o.item, {status.pending}, o.generation,
       {part:last_attempt},
       @now, @now
  from sharing o
 where o.begins;

update {schema}.ranges as r
   set in_progress = r.in_progress - d.n,
       pending = r.pending + d.back,
       {part:add_ended},
       due_at = case when d.back > 0 then min(coalesce(r.due_at, @now), @now) else r.due_at end
  from (select count(*) as n,
               count(*) filter (where status = {status.cancelled}) as back,
               {part:count_ended}
          from sharing
         where changed) d
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and d.n > 0;

insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
select @bucket, @batch, @stage + 1, n.begun, @now
  from (select count(*) as begun from sharing where begins) n
{part:count_next};

select case status when {status.cancelled} then {status.pending} else status end
  from sharing
 where changed;
