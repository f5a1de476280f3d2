-- Whether anything is left to do, for a host that does not have the steps of some stages, in batches that are not paused. A waiter is no work: its request
-- is, for a host that has its step. Items that wait for a host with the step are no work for a host that can only make requests. They are counted only where
-- other states of their range are in progress. Index: ranges_open, workflow_states_unable, entity_waiters' primary key. Called by HasOpenWorkAsync.
with open_ranges as not materialized (
    select r.bucket, r.batch, r.stage, r.pending, r.in_progress, r.to_advance
      from {schema}.ranges r
      join {schema}.batches b on b.batch = r.batch
     where r.bucket between 0 and 63
       and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
       and b.status in ({batch.pending}, {batch.running})
       and (r.to_advance > 0
            or not exists (select 1
                             from unnest(@exceptBatches::int[], @exceptStages::smallint[]) as e (batch, stage)
                            where e.batch = r.batch
                              and e.stage = r.stage)))
select exists (
    select 1
      from open_ranges o
     where o.pending > case when exists (select 1 from unnest(@unableBatches::int[], @unableStages::smallint[]) as u (batch, stage) where u.batch = o.batch and u.stage = o.stage)
                            then (select count(*) from {schema}.workflow_states s where s.bucket = o.bucket and s.batch = o.batch and s.stage = o.stage and s.waits = {waits.capable_host})
                            else 0 end
        or o.to_advance > 0
        or o.in_progress > 0
       and not exists (select 1
                         from {schema}.entity_waiters w
                        where w.bucket = o.bucket
                          and w.batch = o.batch
                          and w.stage = o.stage))
    or exists (
    select 1
      from open_ranges o
     where o.in_progress > (select count(*)
                              from {schema}.entity_waiters w
                             where w.bucket = o.bucket
                               and w.batch = o.batch
                               and w.stage = o.stage));
