-- Makes items due that were put off in a range because an account was used up. Items of another used-up account are put off again when they are claimed.
-- Locks: the states, in order; the range's row. Index: workflow_states_dated. Called by ResumeAccountAsync, range after range.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
put_off as materialized (
    select s.ctid as place
      from {schema}.workflow_states s, clock
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.waits = {waits.rate_limit}
       and s.error_class = {class.out_of_credits}
       and s.status = {status.pending}
       and s.due_at > clock.now
     order by s.item
       for update of s),
due as (
    update {schema}.workflow_states s
       set due_at = clock.now
      from clock, put_off p
     where s.ctid = p.place
       and s.bucket = @bucket
    returning s.item)
update {schema}.ranges r
   set due_at = least(r.due_at, clock.now)
  from clock
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and exists (select 1 from due);
