-- Begins a new generation, from a stage, of the given items of one bucket whose pipelines have ended: replaced states move to the history, later states are
-- removed, and attempt numbers go on, also after a call that was in flight when its item was cancelled. The generation is the item's: one more than any of
-- its stages has had. If the last call's outcome is unknown, the key of its generation may be kept. Index: the primary key of workflow_states. Called by
-- RetryAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
chosen as (
    select s.item, s.status,
           (select max(o.generation)
              from {schema}.workflow_states o
             where o.bucket = @bucket
               and o.batch = @batch
               and o.stage = any (@stages)
               and o.item = s.item) as generation
      from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item = any (@items)
       and not exists (select 1
                         from {schema}.workflow_states o
                        where o.bucket = @bucket
                          and o.batch = @batch
                          and o.stage = any (@stages)
                          and o.item = s.item
                          and (o.status in ({status.pending}, {status.in_progress}) or o.advanced_at is null))
       for update),
replaced as (
    insert into {schema}.state_history (bucket, batch, stage, item, generation, status, kept_key, tries, error_class, attempt, result_attempt, updated_at, replaced_at, error, version)
    select s.bucket, s.batch, s.stage, s.item, s.generation, s.status,
           case when @sameKey and s.stage = @stage and s.status = {status.failed} and s.error_class = {class.outcome_unknown} then coalesce(s.key_generation, s.generation) end,
           s.tries, s.error_class,
           greatest(s.attempt, (select max(a.attempt)
                               from {schema}.attempts a
                              where a.bucket = @bucket and a.batch = @batch and a.stage = s.stage and a.item = s.item)),
           s.result_attempt, s.updated_at, (select now from clock), s.error,
           (select b.version from {schema}.batches b where b.batch = @batch)
      from {schema}.workflow_states s
      join chosen c on c.item = s.item
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = any (@stages)
       and s.stage >= @stage),
removed as (
    delete from {schema}.workflow_states s
     using chosen c
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = any (@stages)
       and s.stage > @stage
       and s.item = c.item
    returning s.stage, s.status),
begun as (
    update {schema}.workflow_states s
       set status = {status.pending}, generation = c.generation + 1,
           key_generation = case when @sameKey and s.status = {status.failed} and s.error_class = {class.outcome_unknown} then coalesce(s.key_generation, s.generation) end,
           attempt = greatest(s.attempt, (select max(a.attempt)
                               from {schema}.attempts a
                              where a.bucket = @bucket and a.batch = @batch and a.stage = s.stage and a.item = s.item)),
           tries = 0, waits = null, error_class = null, error = null, result_attempt = null,
           due_at = (select now from clock), updated_at = (select now from clock), advanced_at = null
      from chosen c
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item = c.item
    returning s.item),
counted as (
    select left_.stage,
           count(*) filter (where left_.status = {status.completed})::int as completed,
           count(*) filter (where left_.status = {status.failed})::int as failed,
           count(*) filter (where left_.status = {status.skipped})::int as skipped,
           count(*) filter (where left_.status = {status.cancelled})::int as cancelled,
           count(*)::int as n
      from (select stage, status from removed union all select @stage::smallint, status from chosen) left_
     group by left_.stage),
ranged as (
    update {schema}.ranges r
       set completed = r.completed - c.completed,
           failed = r.failed - c.failed,
           skipped = r.skipped - c.skipped,
           cancelled = r.cancelled - c.cancelled,
           pending = r.pending + case when r.stage = @stage then c.n else 0 end,
           next_item = 0,
           due_at = case when r.stage = @stage then (select now from clock) else r.due_at end
      from counted c
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = c.stage)
select count(*)::int
  from begun;
