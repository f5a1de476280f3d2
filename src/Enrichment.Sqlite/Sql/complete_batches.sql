-- Ends batches whose items have all ended (request batches: see end_request_batches), each completion once. One read of all open ranges, not one for each
-- open batch.
-- Index: batches_open, ranges_open, ranges by key. Called by CompleteBatchesAsync.
create temp table if not exists complete_ended (batch integer primary key, failures integer not null);

delete from complete_ended;

insert into complete_ended (batch, failures)
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select b.batch,
       exists (select 1
                 from g
                cross join {schema}.ranges r
                where r.bucket = g.bucket
                  and r.batch = b.batch
                  and r.failed > 0
                  and not coalesce(b.snapshot -> 'stages' -> (r.stage - 1) ->> 'optional', 0))
  from {schema}.batches b
 where b.status in ({batch.pending}, {batch.running}, {batch.paused})
   and not b.entity_requests
   and b.batch not in (select r.batch
                         from {schema}.ranges r
                        where r.bucket between 0 and 63
                          and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0));

update {schema}.batches
   set status = (select case when e.failures then {batch.completed_with_failures} else {batch.completed} end from complete_ended e where e.batch = batches.batch), version = version + 1, completed_at = @now
 where batch in (select batch from complete_ended);

insert into {schema}.batch_events (batch, kind, detail, at)
select e.batch, 'completed', json_object('status', case when e.failures then 'completed_with_failures' else 'completed' end), @now
  from complete_ended e;

select batch
  from complete_ended;
