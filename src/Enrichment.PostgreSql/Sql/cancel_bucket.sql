-- Cancels the open states of one bucket of a cancelled batch, and counts them. Closes the attempts of those in progress, because no host will: an answer that
-- still comes is kept there. The attempt of a task that a worker has takes over its token, so that the worker can still report. Entity requests keep their waiters, so that the next sweep sends the waiters back. Idempotent: after a crash the sweep calls it again. Runs behind
-- lock_open, which has locked the states.
-- Index: the primary key of workflow_states by (bucket, batch). Called by CancelBucketAsync.
with open as materialized (
    select s.stage, s.item, s.status, s.attempt, b.entity_requests, sha256(t.token || convert_to(t.identity, 'UTF8')) as token
      from {schema}.workflow_states s
      join {schema}.batches b on b.batch = s.batch
      left join {schema}.external_tasks t on t.bucket = s.bucket and t.batch = s.batch and t.stage = s.stage and t.item = s.item and t.attempt = s.attempt
     where s.bucket = @bucket
       and s.batch = @batch
       and s.status in ({status.pending}, {status.in_progress})
       and b.status = {batch.cancelled}),
ended as (
    update {schema}.workflow_states s
       set status = {status.cancelled}, waits = null, updated_at = coalesce(@now, clock_timestamp()),
           advanced_at = case when not exists (select 1 from open where entity_requests) then coalesce(@now, clock_timestamp()) end
     where s.bucket = @bucket
       and s.batch = @batch
       and s.status in ({status.pending}, {status.in_progress})
       and exists (select 1 from open)),
closed as (
    update {schema}.attempts a
       set outcome = {outcome.unknown}, ended_at = coalesce(@now, clock_timestamp()), error_class = {class.outcome_unknown}, error = 'The item was cancelled while the call was out.',
           token = coalesce(o.token, a.token)
      from open o
     where o.status = {status.in_progress}
       and a.bucket = @bucket
       and a.batch = @batch
       and a.stage = o.stage
       and a.item = o.item
       and a.attempt = o.attempt
       and a.outcome is null),
withdrawn as (
    delete from {schema}.external_tasks t
     where t.bucket = @bucket
       and t.batch = @batch
       and exists (select 1 from open)),
counted as (
    select stage, count(*) filter (where status = {status.pending})::int as pending, count(*) filter (where status = {status.in_progress})::int as in_progress, count(*)::int as n, count(*) filter (where entity_requests)::int as to_share
      from open
     group by stage),
ranged as (
    update {schema}.ranges r
       set pending = r.pending - c.pending, in_progress = r.in_progress - c.in_progress, cancelled = r.cancelled + c.n, to_advance = r.to_advance + c.to_share,
           due_at = null, acts_at = null
      from counted c
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = c.stage)
select stage, n
  from counted;
