-- Begins a new generation, from a stage, of the given items of one bucket whose pipelines have ended: replaced states move to the history, later states are
-- removed, and attempt numbers go on, also after a call that was in flight when its item was cancelled. The generation is the item's: one more than any of
-- its stages has had. If the last call's outcome is unknown, the key of its generation may be kept. Index: the primary key of workflow_states. Called by
-- RetryAsync.
create temp table if not exists retry_chosen (item integer primary key, generation integer not null);

create temp table if not exists retry_left (stage integer primary key, completed integer not null, failed integer not null, skipped integer not null, cancelled integer not null, n integer not null);

delete from retry_chosen;

delete from retry_left;

insert into retry_chosen (item, generation)
select s.item,
       (select max(o.generation)
          from {schema}.workflow_states o
         where o.bucket = @bucket
           and o.batch = @batch
           and o.stage in (select value from json_each(@stages))
           and o.item = s.item)
  from json_each(@items) k
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = k.value
   and not exists (select 1
                     from {schema}.workflow_states o
                    where o.bucket = @bucket
                      and o.batch = @batch
                      and o.stage in (select value from json_each(@stages))
                      and o.item = s.item
                      and (o.status in ({status.pending}, {status.in_progress}) or o.advanced_at is null))
on conflict do nothing;

insert into {schema}.state_history (bucket, batch, stage, item, generation, status, kept_key, tries, error_class, attempt, result_attempt, updated_at, replaced_at, error, version)
select s.bucket, s.batch, s.stage, s.item, s.generation, s.status,
       case when @sameKey and s.stage = @stage and s.status = {status.failed} and s.error_class = {class.outcome_unknown} then coalesce(s.key_generation, s.generation) end,
       s.tries, s.error_class,
       max(s.attempt, coalesce((select max(a.attempt)
                                  from {schema}.attempts a
                                 where a.bucket = @bucket and a.batch = @batch and a.stage = s.stage and a.item = s.item), 0)),
       s.result_attempt, s.updated_at, @now, s.error,
       (select b.version from {schema}.batches b where b.batch = @batch)
  from retry_chosen c
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage in (select value from json_each(@stages) where value >= @stage)
   and s.item = c.item;

insert into retry_left (stage, completed, failed, skipped, cancelled, n)
select s.stage,
       count(*) filter (where s.status = {status.completed}),
       count(*) filter (where s.status = {status.failed}),
       count(*) filter (where s.status = {status.skipped}),
       count(*) filter (where s.status = {status.cancelled}),
       count(*)
  from retry_chosen c
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage in (select value from json_each(@stages) where value >= @stage)
   and s.item = c.item
 group by s.stage;

delete from {schema}.workflow_states
 where bucket = @bucket
   and batch = @batch
   and stage in (select value from json_each(@stages) where value > @stage)
   and item in (select item from retry_chosen);

update {schema}.workflow_states as s
   set status = {status.pending}, generation = c.generation + 1,
       key_generation = case when @sameKey and s.status = {status.failed} and s.error_class = {class.outcome_unknown} then coalesce(s.key_generation, s.generation) end,
       attempt = max(s.attempt, coalesce((select max(a.attempt)
                                            from {schema}.attempts a
                                           where a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item), 0)),
       tries = 0, waits = null, error_class = null, error = null, result_attempt = null,
       due_at = @now, updated_at = @now, advanced_at = null
  from retry_chosen c
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = c.item;

update {schema}.ranges as r
   set completed = r.completed - c.completed,
       failed = r.failed - c.failed,
       skipped = r.skipped - c.skipped,
       cancelled = r.cancelled - c.cancelled,
       pending = r.pending + case when r.stage = @stage then c.n else 0 end,
       next_item = 0,
       due_at = case when r.stage = @stage then @now else r.due_at end
  from retry_left c
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = c.stage;

select count(*)
  from retry_chosen;
