-- Writes attempts before their calls leave, under a live lease and for states that are open and as claimed. Index: primary keys.
-- Called by BeginAttemptsAsync.
insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at, call)
with a as materialized (
    select value
      from jsonb_each(@attempts))
select @bucket, @batch, @stage, s.item, a.value ->> 1, s.generation, @owner, @now, a.value ->> 3
  from a
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.value ->> 0
   and s.status = {status.pending}
   and s.attempt = (a.value ->> 1) - 1
   and s.generation = a.value ->> 2
   {part:fence}
on conflict do nothing
returning item;
