-- Ranges in which a state in progress may have reached its date: a plain read. Index: ranges_open. Called by FindWakingAsync.
select r.bucket, r.batch, r.stage
  from {schema}.ranges r
  join {schema}.batches b on b.batch = r.batch
 where r.bucket between 0 and 63
   and r.in_progress > 0
   and r.acts_at <= @now
   and b.status in (0, 1, 2)
   and not exists (select 1
                     from json_each(@except) e
                    where e.value ->> 0 = r.batch
                      and e.value ->> 1 = r.stage)
 order by r.acts_at
 limit @limit;
