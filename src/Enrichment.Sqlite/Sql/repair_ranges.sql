-- Corrects the dates of ranges that are later than those of their states: an open state that no host holds is due earlier, or a state in progress has reached
-- an earlier date. The sweep's safety net: it reads the states of ranges that have open ones and no due date. Index: ranges_open, primary keys,
-- workflow_states_out. Called by RepairRangesAsync.
update {schema}.ranges as r
   set due_at = coalesce(min(r.due_at, m.due_at), r.due_at, m.due_at),
       next_item = case when m.due_at is not null and (r.due_at is null or r.due_at > m.due_at) then 0 else r.next_item end,
       acts_at = coalesce(min(r.acts_at, m.acts_at), r.acts_at, m.acts_at)
  from (select o.bucket, o.batch, o.stage,
               case when o.pending > 0 and (o.due_at is null or o.due_at > @now)
                    then (select min(s.due_at)
                            from {schema}.workflow_states s
                           where s.bucket = o.bucket
                             and s.batch = o.batch
                             and s.stage = o.stage
                             and s.status = {status.pending}
                             and not exists (select 1
                                               from {schema}.leases l
                                              where l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage and s.item between l.lo and l.hi and l.owner is not null)) end as due_at,
               case when o.in_progress > 0 and (o.acts_at is null or o.acts_at > @now)
                    then (select min(s.due_at)
                            from {schema}.workflow_states s
                           where s.bucket = o.bucket
                             and s.batch = o.batch
                             and s.stage = o.stage
                             and s.status = {status.in_progress}
                             and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})) end as acts_at
          from {schema}.ranges o
          join {schema}.batches b on b.batch = o.batch
         where o.bucket between 0 and 63
           and (o.pending > 0 or o.in_progress > 0 or o.to_advance > 0)
           and b.status in ({batch.pending}, {batch.running}, {batch.paused})) m
 where r.bucket = m.bucket
   and r.batch = m.batch
   and r.stage = m.stage
   and (m.due_at is not null and (r.due_at is null or r.due_at > m.due_at)
        or m.acts_at is not null and (r.acts_at is null or r.acts_at > m.acts_at));

select changes();
