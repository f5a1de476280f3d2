-- Dates ranges anew that say nothing is due, or not before a date, where an open state outside every lease is due earlier. The sweep's safety net:
-- it reads the states of ranges that have open ones of which none is said to be due. Index: batches_open, primary keys. Called by RepairRangesAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
update {schema}.ranges as r
   set due_at = m.due_at, next_item = 0
  from (select o.bucket, o.batch, o.stage,
               (select min(s.due_at)
                  from {schema}.workflow_states s
                 where s.bucket = o.bucket
                   and s.batch = o.batch
                   and s.stage = o.stage
                   and s.status = 0
                   and not exists (select 1
                                     from {schema}.leases l
                                    where l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage and s.item between l.lo and l.hi)) as due_at
          from {schema}.batches b
         cross join g
         cross join {schema}.ranges o
         where b.status in (0, 1, 2)
           and o.bucket = g.bucket
           and o.batch = b.batch
           and o.pending > 0
           and (o.due_at is null or o.due_at > @now)) m
 where r.bucket = m.bucket
   and r.batch = m.batch
   and r.stage = m.stage
   and m.due_at is not null
   and (r.due_at is null or r.due_at > m.due_at);

select changes();
