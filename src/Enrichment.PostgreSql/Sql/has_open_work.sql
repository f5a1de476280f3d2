-- Whether anything is left to do, for a host that does not have the steps of some stages, in batches that are not held.
-- Index: batches_open, ranges by key. Called by HasOpenWorkAsync.
select exists (
    select 1
      from {schema}.batches b
     cross join generate_series(0, 63) g
      join {schema}.ranges r on r.bucket = g and r.batch = b.batch
     where b.status in (0, 1)
       and (r.to_advance > 0
            or (r.pending + r.in_progress > 0
                and not exists (select 1
                                  from unnest(@exceptBatches::int[], @exceptStages::smallint[]) as e (batch, stage)
                                 where e.batch = r.batch
                                   and e.stage = r.stage))));
