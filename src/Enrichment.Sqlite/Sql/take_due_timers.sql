-- The states in progress of a range that have reached their date. Each is given a later one, so that no other host finds it meanwhile; if the host is lost,
-- another finds it then. A stored answer that is not interpreted yet is in time: such a state is not overdue. The range's own date moves on with
-- theirs. Index: workflow_states_out, the primary key of the inbox. Called by TakeDueTimersAsync.
create temp table if not exists due_timers (item integer primary key, was_due_at integer not null);

delete from due_timers;

insert into due_timers (item, was_due_at)
select s.item, s.due_at
  from {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.status = {status.in_progress}
   and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
   and s.due_at <= @now
 order by s.due_at, s.item
 limit @limit;

with w as materialized (
    select item
      from due_timers)
update {schema}.workflow_states as s
   set due_at = @now + @hold
  from w
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = w.item;

update {schema}.ranges
   set acts_at = (select min(s.due_at)
                    from {schema}.workflow_states s
                   where s.bucket = @bucket
                     and s.batch = @batch
                     and s.stage = @stage
                     and s.status = {status.in_progress}
                     and s.waits in ({waits.callback}, {waits.poll}, {waits.worker}))
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

select w.item, s.generation, s.attempt, s.tries, a.reference, coalesce(a.deadline_at <= @now, true)
       and not exists (select 1
                         from {schema}.inbox i
                        where i.bucket = @bucket and i.batch = @batch and i.stage = @stage and i.item = w.item and i.state = {delivery.received}) as overdue, coalesce(s.key_generation, s.generation) as key_generation, @now - a.started_at as since_sent
  from due_timers w
 cross join {schema}.workflow_states s
  left join {schema}.attempts a on a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item and a.attempt = s.attempt
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = w.item
 order by w.was_due_at, w.item;
