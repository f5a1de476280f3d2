-- Ends batches whose items have all ended (request batches: see end_request_batches), each completion once: the version read with the counts must still be
-- the batch's.
-- One read of all open ranges, not one for each open batch. Index: batches_open, ranges_open, ranges by key. Called by CompleteBatchesAsync.
with ended as (
    select b.batch, b.version,
           exists (select 1
                     from generate_series(0, 63) g
                     join {schema}.ranges r on r.bucket = g and r.batch = b.batch
                    where r.failed > 0
                      and not coalesce((b.snapshot -> 'stages' -> (r.stage - 1) ->> 'optional')::boolean, false)) as failures
      from {schema}.batches b
     where b.status in ({batch.pending}, {batch.running}, {batch.paused})
       and not b.entity_requests
       and b.batch not in (select r.batch
                             from {schema}.ranges r
                            where r.bucket between 0 and 63
                              and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0))),
done as (
    update {schema}.batches b
       set status = case when e.failures then {batch.completed_with_failures} else {batch.completed} end,
           version = b.version + 1,
           completed_at = coalesce(@now, clock_timestamp())
      from ended e
     where b.batch = e.batch
       and b.version = e.version
    returning b.batch, b.status),
noted as (
    insert into {schema}.batch_events (batch, kind, detail, at)
    select d.batch, 'completed', json_build_object('status', case when d.status = {batch.completed_with_failures} then 'completed_with_failures' else 'completed' end), coalesce(@now, clock_timestamp())
      from done d)
select batch
  from done;
