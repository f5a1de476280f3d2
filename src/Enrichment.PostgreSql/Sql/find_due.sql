-- The open batches that may have due work, with their clients and priorities: a host shares its claim loops between them. A plain read, no lock. One look
-- into the ranges for each open batch, for any number of ranges: the list of open batches is made first, so that the planner sees how short it is, and "in"
-- rather than "exists", because a distributed server can run an independent query first. Index: batches_open, ranges_open. Called by FindDueAsync.
with open as materialized (
    select b.batch, b.client, b.priority
      from {schema}.batches b
     where b.status in ({batch.pending}, {batch.running}))
select b.batch, b.client, b.priority
  from open b
 where b.batch in (select r.batch
                     from {schema}.ranges r
                    where r.bucket between 0 and 63
                      and r.pending > 0
                      and r.due_at <= (select coalesce(@now, clock_timestamp()))
                      and r.batch * 32768::bigint + r.stage <> all (@except::bigint[]));
