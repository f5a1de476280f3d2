-- Cancels the open states of one bucket of a cancelled batch, and counts them. Closes the attempts of those in progress, because no host will: an answer that
-- still comes is kept there. The attempt of a task that a worker has takes over its token, so that the worker can still report. Entity requests keep their waiters, so that the next sweep sends the waiters back. Idempotent: after a crash the sweep calls it again.
-- Index: the primary key of workflow_states by (bucket, batch). Called by CancelBucketAsync.
create temp table if not exists cancel_counted (stage integer primary key, pending integer not null, in_progress integer not null, entity_requests integer not null);

delete from cancel_counted;

insert into cancel_counted (stage, pending, in_progress, entity_requests)
select s.stage, count(*) filter (where s.status = {status.pending}), count(*) filter (where s.status = {status.in_progress}), max(b.entity_requests)
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = @batch and b.status = {batch.cancelled}
 where s.bucket = @bucket
   and s.batch = @batch
   and s.status in ({status.pending}, {status.in_progress})
 group by s.stage;

with o as materialized (
    select s.stage, s.item, s.attempt, case when t.token is not null then sha256(hex(t.token) || t.identity) end as token
      from {schema}.workflow_states s
      left join {schema}.external_tasks t on t.bucket = s.bucket and t.batch = s.batch and t.stage = s.stage and t.item = s.item and t.attempt = s.attempt
     where s.bucket = @bucket
       and s.batch = @batch
       and s.status = {status.in_progress}
       and exists (select 1 from cancel_counted))
update {schema}.attempts as a
   set outcome = {outcome.unknown}, ended_at = @now, error_class = {class.outcome_unknown}, error = 'The item was cancelled while the call was out.',
       token = coalesce(o.token, a.token)
  from o
 where a.bucket = @bucket
   and a.batch = @batch
   and a.stage = o.stage
   and a.item = o.item
   and a.attempt = o.attempt
   and a.outcome is null;

update {schema}.workflow_states
   set status = {status.cancelled}, waits = null, updated_at = @now, advanced_at = case when not exists (select 1 from cancel_counted where entity_requests) then @now end
 where bucket = @bucket
   and batch = @batch
   and status in ({status.pending}, {status.in_progress})
   and exists (select 1 from cancel_counted);

delete from {schema}.external_tasks
 where bucket = @bucket
   and batch = @batch
   and exists (select 1 from cancel_counted);

update {schema}.ranges as r
   set pending = r.pending - c.pending,
       in_progress = r.in_progress - c.in_progress,
       cancelled = r.cancelled + c.pending + c.in_progress,
       to_advance = r.to_advance + case when c.entity_requests then c.pending + c.in_progress else 0 end,
       due_at = null,
       acts_at = null
  from cancel_counted c
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = c.stage;

select stage, pending + in_progress
  from cancel_counted;
