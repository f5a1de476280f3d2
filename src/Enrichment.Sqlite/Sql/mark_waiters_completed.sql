-- Notes that the waiters of requests are completed, unless a waiter has come since the buckets were read: that request is read again. Returns how many are noted.
-- Index: primary keys. Called by CompleteWaitersAsync.
create temp table if not exists shared (item integer primary key);

delete from shared;

insert into shared (item)
select s.item
  from json_each(@requests) j
 cross join {schema}.workflow_states s
  join {schema}.entities e on e.bucket = @bucket and e.batch = @batch and e.item = s.item
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = j.value ->> 0
   and e.callers = j.value ->> 1
   and s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
   and s.advanced_at is null;

with a as materialized (
    select item
      from shared)
update {schema}.workflow_states as s
   set advanced_at = @now
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

update {schema}.ranges
   set to_advance = to_advance - (select count(*) from shared)
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

select count(*)
  from shared;
