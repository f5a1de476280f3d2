-- Whether anything is left to do, for a host that does not have the steps of some stages, in batches that are not held.
-- Index: ranges_open. Called by HasOpenWorkAsync.
select exists (
    select 1
      from {schema}.ranges r
      join {schema}.batches b on b.batch = r.batch
     where r.bucket between 0 and 63
       and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
       and b.status in (0, 1)
       and (r.to_advance > 0
            or (r.pending + r.in_progress > 0
                and not exists (select 1
                                  from unnest(@exceptBatches::int[], @exceptStages::smallint[]) as e (batch, stage)
                                 where e.batch = r.batch
                                   and e.stage = r.stage))));
