-- The open items of a lease, with the attempt that its former holder began: left open, or closed by an answer that came too late to count. Either way its
-- number is used up. Index: primary keys. Called by ReadLostAsync.
select s.item, s.generation, s.attempt, s.tries,
       (select max(a.attempt)
          from {schema}.attempts a
         where a.bucket = s.bucket and a.batch = s.batch and a.stage = s.stage and a.item = s.item and a.attempt > s.attempt) as open_attempt
  from {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item between @lo and @hi
   and s.status = {status.pending}
 order by s.item;
