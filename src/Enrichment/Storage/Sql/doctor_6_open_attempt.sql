-- Invariant 6: an attempt is open only under a lease, or while its state is in progress with it. Called by ExamineAsync.
select a.attempt, a.item, (select k.id from {schema}.batches k where k.batch = a.batch) as batch, a.stage
  from {schema}.attempts a
 where a.bucket between 0 and 63
   and a.outcome is null
   and not exists (select 1
                     from {schema}.leases l
                    where l.bucket = a.bucket and l.batch = a.batch and l.stage = a.stage
                      and a.item between l.lo and l.hi and l.owner is not null)
   and not exists (select 1
                     from {schema}.workflow_states s
                    where s.bucket = a.bucket and s.batch = a.batch and s.stage = a.stage and s.item = a.item
                      and s.status = {status.in_progress} and s.attempt = a.attempt)
 limit 100;
