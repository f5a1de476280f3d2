-- The open batches that may have due work, with their clients and priorities: a host shares its claim loops between them. A plain read. One look into the
-- ranges for each open batch, for any number of ranges. Index: batches_open, ranges_open. Called by FindDueAsync.
select b.batch, b.client, b.priority
  from {schema}.batches b
 where b.status in ({batch.pending}, {batch.running})
   and exists (select 1
                 from {schema}.ranges r
                where r.bucket between 0 and 63
                  and r.batch = b.batch
                  and r.pending > 0
                  and r.due_at <= @now
                  and not exists (select 1
                                    from json_each(@except) e
                                   where e.value ->> 0 = r.batch
                                     and e.value ->> 1 = r.stage));
