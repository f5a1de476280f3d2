-- Cancels the open states of one bucket of a cancelled batch, and counts them. Idempotent: after a crash the sweep calls it again.
-- Index: the primary key of workflow_states by (bucket, batch). Called by CancelBucketAsync.
with ended as (
    update {schema}.workflow_states s
       set status = 6, waits = null, updated_at = coalesce(@now, clock_timestamp()), advanced_at = coalesce(@now, clock_timestamp())
      from {schema}.batches b
     where s.bucket = @bucket
       and s.batch = @batch
       and s.status in (0, 2)
       and b.batch = s.batch
       and b.status = 5
    returning s.stage, s.item),
counted as (
    select stage, count(*)::int as n
      from ended
     group by stage),
ranged as (
    update {schema}.ranges r
       set pending = r.pending - c.n, cancelled = r.cancelled + c.n, due_at = null
      from counted c
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = c.stage)
select count(*)::int
  from ended;
