-- Withdraws requests without waiters: those that are pending under no lease, unless a waiter has come since they were found. A sent call is paid for and
-- continues. The waiters of withdrawn requests are still to be completed, so that an item between its request and its wait is sent back and requests again.
-- Index: primary keys. Called by CancelAsync and CancelBucketAsync.
create temp table if not exists dropped (item integer primary key);

delete from dropped;

insert into dropped (item)
select s.item
  from json_each(@requests) j
 cross join {schema}.workflow_states s
  join {schema}.entities e on e.bucket = @bucket and e.batch = @batch and e.item = s.item
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = j.value ->> 0
   and e.callers = j.value ->> 1
   and s.status = {status.pending}
   and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi);

with a as materialized (
    select item
      from dropped)
update {schema}.workflow_states as s
   set status = {status.cancelled}, waits = null, error = 'Nobody waits for the answer any more.', updated_at = @now
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

update {schema}.ranges
   set pending = pending - (select count(*) from dropped), cancelled = cancelled + (select count(*) from dropped), to_advance = to_advance + (select count(*) from dropped)
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

select count(*)
  from dropped;
