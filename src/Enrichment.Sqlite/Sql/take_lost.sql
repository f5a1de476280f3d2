-- Takes one lost lease over, with a younger token: from here on its former holder can change nothing. Closes the attempts that no open state will ever
-- answer for: their items were cancelled while the call was out. One that was sent is no lease's: an answer or its
-- deadline ends it. Called by TakeLostAsync.
update {schema}.ranges
   set token = token + 1
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

update {schema}.attempts as a
   set outcome = {outcome.unknown}, ended_at = @now, error_class = {class.outcome_unknown}, error = 'The host was lost during the call, and the item had been cancelled.'
  from {schema}.leases l
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = @lo
   and l.token = @token
   and (@all or l.until < @now)
   and a.bucket = @bucket
   and a.batch = @batch
   and a.stage = @stage
   and a.item between l.lo and l.hi
   and a.outcome is null
   and not exists (select 1
                     from {schema}.workflow_states s
                    where s.bucket = @bucket
                      and s.batch = @batch
                      and s.stage = @stage
                      and s.item = a.item
                      and (s.status = {status.pending} and s.attempt < a.attempt or s.status = {status.in_progress} and s.attempt = a.attempt));

update {schema}.leases as l
   set owner = @owner,
       token = (select r.token from {schema}.ranges r where r.bucket = @bucket and r.batch = @batch and r.stage = @stage),
       until = @now + @duration
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = @lo
   and l.token = @token
   and (@all or l.until < @now)
returning lo, hi, token, losses, alone;
