-- The states in progress of a range that have reached their date. Each is given a later one, so that no other host finds it meanwhile; who is lost with it leaves it
-- to be found then. The range's own date moves on only where nothing can have been sent unseen (the count in progress is as read). Locks: the states, skipping
-- those that others settle; the range's row. Index: workflow_states_out. Called by WakeAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
woken as materialized (
    select s.item, s.ctid as place
      from {schema}.workflow_states s, clock
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.status = 2
       and s.due_at <= clock.now
     order by s.due_at
     limit @limit
       for update of s skip locked),
held as (
    update {schema}.workflow_states s
       set due_at = clock.now + @hold
      from clock, woken w
     where s.ctid = w.place
       and s.bucket = @bucket
    returning s.item, s.generation, s.attempt, s.tries),
here as (
    update {schema}.ranges r
       set acts_at = case when r.in_progress = @inProgress
                          then least(clock.now + @hold, (select min(s.due_at)
                                                           from {schema}.workflow_states s
                                                          where s.bucket = @bucket and s.batch = @batch and s.stage = @stage
                                                            and s.status = 2
                                                            and s.item not in (select item from woken)))
                          else r.acts_at end
      from clock
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage)
select h.item, h.generation, h.attempt, h.tries, a.reference, coalesce(a.deadline_at <= clock.now, true) as overdue
  from held h
 cross join clock
  left join {schema}.attempts a on a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = h.item and a.attempt = h.attempt;
