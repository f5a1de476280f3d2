-- Ranges in which a state in progress may have reached its date: each client's earliest first, so that the polls of one client, which may hang, do not hide
-- another's.
-- A plain read. Index: ranges_open. Called by FindDueTimersAsync.
select d.bucket, d.batch, d.stage
  from (select r.bucket, r.batch, r.stage, r.acts_at, row_number() over (partition by b.client order by r.acts_at) as turn
          from {schema}.ranges r
          join {schema}.batches b on b.batch = r.batch
         where r.bucket between 0 and 63
           and r.in_progress > 0
           and r.acts_at <= @now
           and b.status in ({batch.pending}, {batch.running}, {batch.paused})
           and not exists (select 1
                             from json_each(@except) e
                            where e.value ->> 0 = r.batch
                              and e.value ->> 1 = r.stage)) d
 order by d.turn, d.acts_at
 limit @limit;
