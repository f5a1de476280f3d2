-- The sequencer: advances the terminal states of a range that were not advanced yet. Of two at once, one waits for the other and finds them
-- advanced. Index: primary keys, reached from the changed rows, materialized so that the planner does not walk the whole stage. Called by AdvanceAsync.
create temp table if not exists advance_moved (item integer primary key, generation integer not null, begins integer not null);

delete from advance_moved;

insert into advance_moved (item, generation, begins)
select s.item, s.generation,
       not @last
       and (s.status in ({status.completed}, {status.skipped}) or (s.status = {status.failed} and @optional))
       and not exists (select 1 from {schema}.workflow_states n where n.bucket = @bucket and n.batch = @batch and n.stage = @stage + 1 and n.item = s.item)
  from {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
   and s.advanced_at is null;

with m as materialized (
    select item
      from advance_moved)
update {schema}.workflow_states as s
   set advanced_at = @now
  from m
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = m.item;

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
select @bucket, @batch, @stage + 1, m.item, {status.pending}, m.generation,
       coalesce((select max(h.attempt)
                   from {schema}.state_history h
                  where h.bucket = @bucket and h.batch = @batch and h.stage = @stage + 1 and h.item = m.item), 0),
       @now, @now
  from advance_moved m
 where m.begins;

update {schema}.ranges
   set to_advance = to_advance - (select count(*) from advance_moved)
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
select @bucket, @batch, @stage + 1, n.begun, @now
  from (select count(*) as begun from advance_moved where begins) n
{part:count_next};

select count(*)
  from advance_moved;
