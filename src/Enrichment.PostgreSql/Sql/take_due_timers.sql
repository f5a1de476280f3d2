-- The states in progress of a range that have reached their date. Each is given a later one, so that no other host finds it meanwhile; if the host is lost,
-- another finds it then. A stored answer that is not interpreted yet is in time: such a state is not overdue. Of two hosts at once one waits for the other's
-- rows, and finds later dates. Locks: the states, in order. Index: workflow_states_out, the primary key of the inbox.
-- Called by TakeDueTimersAsync, before lock_range and date_range.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
due as materialized (
    select s.item, s.due_at
      from {schema}.workflow_states s, clock
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.status = {status.in_progress}
       and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
       and s.due_at <= clock.now
     order by s.due_at, s.item
     limit @limit),
taken as materialized (
    select d.item, d.due_at, w.place
      from (select item, due_at from due order by item) d
     cross join clock
     cross join lateral (select s.ctid as place
                           from {schema}.workflow_states s
                          where s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = d.item
                            and s.status = {status.in_progress} and s.due_at <= clock.now
                            for update
                         offset 0) w),
held as (
    update {schema}.workflow_states s
       set due_at = clock.now + @hold
      from clock, taken w
     where s.ctid = w.place
       and s.bucket = @bucket
    returning s.item, s.generation, s.attempt, s.tries, coalesce(s.key_generation, s.generation) as key_generation, w.due_at)
select h.item, h.generation, h.attempt, h.tries, a.reference, coalesce(a.deadline_at <= clock.now, true)
       and not exists (select 1
                         from {schema}.inbox i
                        where i.bucket = @bucket and i.batch = @batch and i.stage = @stage and i.item = h.item and i.state = {delivery.received}) as overdue, h.key_generation, clock.now - a.started_at as since_sent
  from held h
 cross join clock
  left join {schema}.attempts a on a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = h.item and a.attempt = h.attempt
 order by h.due_at, h.item;
