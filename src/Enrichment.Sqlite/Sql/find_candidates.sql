-- Ranges in which something may be due, the first of each batch before the second of any: a plain read, no lock.
-- Index: ranges_with_work. Called by FindCandidatesAsync.
select ranked.bucket, ranked.batch, ranked.stage, ranked.token, ranked.pending
  from (select r.bucket, r.batch, r.stage, r.token, r.pending, r.leased_at,
               row_number() over (partition by r.batch order by r.leased_at nulls first, r.stage desc, r.bucket) as turn
          from {schema}.ranges r
          join {schema}.batches b on b.batch = r.batch
         where r.bucket between 0 and 63
           and r.pending > 0
           and r.due_at <= @now
           and b.status in (0, 1)
           and not exists (select 1
                             from json_each(@except) e
                            where e.value ->> 0 = r.batch
                              and e.value ->> 1 = r.stage)) ranked
 order by ranked.turn, ranked.leased_at nulls first, ranked.batch
 limit @limit;
