-- Invariant 1: no open state outside every lease is due earlier than its range says, or is missing from the ranges. Called by ExamineAsync.
select s.item, b.id as batch, s.stage, s.due_at, r.due_at as range_due_at, r.pending
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch
  left join {schema}.ranges r on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage
 where s.bucket between 0 and 63
   and s.status = {status.pending}
   and b.status in ({batch.pending}, {batch.running}, {batch.paused})
   and (r.due_at is null or r.due_at > s.due_at or r.pending <= 0)
   and not exists (select 1
                     from {schema}.leases l
                    where l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage
                      and s.item between l.lo and l.hi and l.owner is not null)
 limit 100;
