-- Corrects the dates of ranges that are later than those of their states: an open state that no host holds is due earlier, or a state in progress has reached
-- an earlier date. The sweep's safety net: it reads the states of ranges that have open ones and no due date. Index: ranges_open, primary keys,
-- workflow_states_out. Called by RepairRangesAsync.
with missed as (
    select r.bucket, r.batch, r.stage, m.due_at, o.acts_at
      from {schema}.ranges r
      join {schema}.batches b on b.batch = r.batch
     cross join lateral (select min(s.due_at) as due_at
                           from {schema}.workflow_states s
                          where s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage
                            and s.status = {status.pending}
                            and r.pending > 0
                            and (r.due_at is null or r.due_at > coalesce(@now, clock_timestamp()))
                            and not exists (select 1
                                              from {schema}.leases l
                                             where l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage and s.item between l.lo and l.hi and l.owner is not null)
                         offset 0) m
     cross join lateral (select min(s.due_at) as acts_at
                           from {schema}.workflow_states s
                          where s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage
                            and s.status = {status.in_progress}
                            and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
                            and r.in_progress > 0
                            and (r.acts_at is null or r.acts_at > coalesce(@now, clock_timestamp()))
                         offset 0) o
     where r.bucket between 0 and 63
       and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
       and b.status in ({batch.pending}, {batch.running}, {batch.paused})),
dated as (
    update {schema}.ranges r
       set due_at = least(r.due_at, m.due_at),
           next_item = case when m.due_at is not null and (r.due_at is null or r.due_at > m.due_at) then 0 else r.next_item end,
           acts_at = least(r.acts_at, m.acts_at)
      from missed m
     where r.bucket = m.bucket
       and r.batch = m.batch
       and r.stage = m.stage
       and (m.due_at is not null and (r.due_at is null or r.due_at > m.due_at)
            or m.acts_at is not null and (r.acts_at is null or r.acts_at > m.acts_at))
    returning r.bucket)
select count(*)::int
  from dated;
