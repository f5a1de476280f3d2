-- Ends the waiters of one range as their requests have ended: completed with a copy of the answer that names its source, failed or skipped alike; a request
-- that
-- was cancelled sends them back. Idempotent: a completed waiter has no wait. The batch's snapshot says whether a stage follows; a next state that exists
-- already is damage, and stays as it is. Runs behind lock_states: for an item that has just begun to wait again, the current wait and state are read.
-- Locks: the waits; the two ranges. Index: primary keys. Called by CompleteWaitersAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
pipeline as materialized (
    select coalesce((b.snapshot -> 'stages' -> (@stage - 1) ->> 'optional')::boolean, false) as optional, json_array_length(b.snapshot -> 'stages') > @stage as goes_on
      from {schema}.batches b
     where b.batch = @batch),
answer as materialized (
    select *
      from unnest(@requestItems::int[], @statuses::smallint[], @kinds::smallint[], @results::json[], @classes::smallint[], @errors::text[])
        as a (item, status, kind, result, error_class, error)),
served as (
    delete from {schema}.entity_waiters w
     using unnest(@items::int[], @requests::int[]) as o (item, request)
     where w.bucket = @bucket
       and w.batch = @batch
       and w.stage = @stage
       and w.item = o.item
       and w.request_batch = @requestBatch
       and w.request_item = o.request
    returning w.item, w.request_item),
changed as (
    update {schema}.workflow_states s
       set status = case a.status when {status.cancelled} then {status.pending} else a.status end,
           waits = null,
           attempt = s.attempt + case a.status when {status.completed} then 1 else 0 end,
           result_attempt = case a.status when {status.completed} then s.attempt + 1 end,
           error_class = case a.status when {status.failed} then a.error_class end,
           error = case a.status when {status.completed} then null when {status.cancelled} then 'The call for the item''s entity was lost or cancelled; it is made again.' else a.error end,
           due_at = case a.status when {status.cancelled} then clock.now else s.due_at end,
           updated_at = clock.now,
           advanced_at = case when a.status <> {status.cancelled} then clock.now end
      from clock, served v
      join answer a on a.item = v.request_item
     cross join lateral (select w.ctid as place
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = v.item and w.status = {status.in_progress} and w.waits = {waits.entity}
                         offset 0) open
     where s.ctid = open.place
       and s.bucket = @bucket
    returning s.item, s.generation, s.status, s.attempt, a.kind, a.result, a.item as request_item),
stored as (
    insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at, source)
    select @bucket, @batch, @stage, c.item, c.attempt, c.kind, c.result, clock.now, @requestBatch::bigint << 32 | c.request_item
      from changed c, clock
     where c.status = {status.completed}),
next as (
    insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
    select @bucket, @batch, @stage + 1, c.item, {status.pending}, c.generation,
           {part:last_attempt},
           clock.now, clock.now
      from changed c, pipeline p, clock
     where p.goes_on
       and (c.status in ({status.completed}, {status.skipped}) or (c.status = {status.failed} and p.optional))
    on conflict do nothing
    returning item),
here as (
    update {schema}.ranges r
       set in_progress = r.in_progress - d.n,
           pending = r.pending + d.back,
           {part:add_ended},
           due_at = case when d.back > 0 then least(r.due_at, clock.now) else r.due_at end
      from clock,
           (select count(*)::int as n,
                   count(*) filter (where status = {status.pending})::int as back,
                   {part:count_ended}
              from changed) d
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and d.n > 0),
{part:count_next}
select status::int
  from changed;
