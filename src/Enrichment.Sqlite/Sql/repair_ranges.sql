-- Dates ranges anew that say nothing is due, or not before a date, where an open state outside every lease is due earlier. The sweep's safety net:
-- it reads every open state. Called by RepairRangesAsync.
update {schema}.ranges as r
   set due_at = m.due_at, next_item = 0
  from (select s.bucket, s.batch, s.stage, min(s.due_at) as due_at
          from {schema}.workflow_states s
         where s.bucket between 0 and 63
           and s.status = 0
           and not exists (select 1 from {schema}.leases l where l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage and s.item between l.lo and l.hi)
         group by s.bucket, s.batch, s.stage) m
 where r.bucket = m.bucket
   and r.batch = m.batch
   and r.stage = m.stage
   and (r.due_at is null or r.due_at > m.due_at);

select changes();
