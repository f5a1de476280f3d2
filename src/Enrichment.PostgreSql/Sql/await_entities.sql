-- Lets items wait for their entity requests: IN_PROGRESS, under a live lease and for states that are open and as claimed. From then on no lease holds the
-- state: the request ends it.
-- Its date, when the request should be answered, is for people; no host acts on it. Returns no rows: the caller reads which of the requests have ended
-- meanwhile. Locks: shares the lease's row; the states; the range's row. Index: primary keys. Called by AwaitEntitiesAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:fence},
waiting as (
    update {schema}.workflow_states s
       set status = {status.in_progress}, waits = {waits.entity}, due_at = clock.now + @actsAfter, updated_at = clock.now
      from fence, clock, unnest(@items::int[], @attempts::int[], @generations::smallint[], @askBuckets::smallint[], @askBatches::int[], @requestItems::int[])
        as a (item, attempt, generation, request_bucket, request_batch, request_item)
     cross join lateral (select w.ctid as place
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = a.item
                            and w.status = {status.pending} and w.attempt = a.attempt and w.generation = a.generation
                         offset 0) open
     where s.ctid = open.place
       and s.bucket = @bucket
       and s.status = {status.pending}
       and a.item between fence.lo and fence.hi
    returning s.item, a.request_bucket, a.request_batch, a.request_item),
noted as (
    insert into {schema}.entity_waiters (bucket, batch, stage, item, request_bucket, request_batch, request_item)
    select @bucket, @batch, @stage, w.item, w.request_bucket, w.request_batch, w.request_item
      from waiting w
    on conflict (bucket, batch, stage, item) do update
       set request_bucket = excluded.request_bucket, request_batch = excluded.request_batch, request_item = excluded.request_item),
here as (
    update {schema}.ranges r
       set pending = r.pending - n.count, in_progress = r.in_progress + n.count
      from (select count(*)::int as count from waiting) n
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and n.count > 0)
select 1
  from waiting
 where false;
