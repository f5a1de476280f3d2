-- Whether anything is left to do, for a host that does not have the steps of some stages, in batches that are not held.
-- Index: batches_open, ranges by key. Called by HasOpenWorkAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select exists (
    select 1
      from {schema}.batches b
     cross join g
     cross join {schema}.ranges r
     where b.status in (0, 1)
       and r.bucket = g.bucket
       and r.batch = b.batch
       and (r.to_advance > 0
            or (r.pending + r.in_progress > 0
                and not exists (select 1
                                  from json_each(@except) e
                                 where e.value ->> 0 = r.batch
                                   and e.value ->> 1 = r.stage))));
