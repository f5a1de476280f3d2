-- Of the requests with new waiters, those that have ended meanwhile are to be read again: the count of callers tells a host that is completing waiters now
-- that it has not seen all. Returns how many have ended. Index: primary keys. Called by AwaitEntitiesAsync and ReconcileRequestsAsync.
create temp table if not exists rechecked (item integer primary key, advanced integer not null);

delete from rechecked;

insert into rechecked (item, advanced)
select s.item, s.advanced_at is not null
  from json_each(@items) j
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = j.value
   and s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled});

with a as materialized (
    select item
      from rechecked)
update {schema}.entities as e
   set callers = e.callers + 1
  from a
 where e.bucket = @bucket
   and e.batch = @batch
   and e.item = a.item;

with a as materialized (
    select item
      from rechecked
     where advanced)
update {schema}.workflow_states as s
   set advanced_at = null
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

update {schema}.ranges
   set to_advance = to_advance + (select count(*) from rechecked where advanced)
 where bucket = @bucket
   and batch = @batch
   and stage = @stage;

select count(*)
  from rechecked;
