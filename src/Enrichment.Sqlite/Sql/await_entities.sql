-- Lets items wait for their entity requests: IN_PROGRESS, under a live lease and for states that are open and as claimed. From then on no lease holds the
-- state: the request ends it.
-- Its date, when the request should be answered, is for people; no host acts on it. Index: primary keys, reached from the items. Called by
-- AwaitEntitiesAsync.
create temp table if not exists awaiting (item integer primary key, request_bucket integer not null, request_batch integer not null, request_item integer not null);

delete from awaiting;

insert into awaiting (item, request_bucket, request_batch, request_item)
with a as materialized (
    select value
      from jsonb_each(@waits))
select s.item, a.value ->> 3, a.value ->> 4, a.value ->> 5
  from a
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.value ->> 0
   and s.status = {status.pending}
   and s.attempt = a.value ->> 1
   and s.generation = a.value ->> 2
   {part:fence};

with a as materialized (
    select item
      from awaiting)
update {schema}.workflow_states as s
   set status = {status.in_progress}, waits = {waits.entity}, due_at = @now + @actsAfter, updated_at = @now
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

insert into {schema}.entity_waiters (bucket, batch, stage, item, request_bucket, request_batch, request_item)
select @bucket, @batch, @stage, a.item, a.request_bucket, a.request_batch, a.request_item
  from awaiting a
 where true
on conflict (bucket, batch, stage, item) do update
   set request_bucket = excluded.request_bucket, request_batch = excluded.request_batch, request_item = excluded.request_item;

update {schema}.ranges as r
   set pending = r.pending - n.waiting, in_progress = r.in_progress + n.waiting
  from (select count(*) as waiting from awaiting) n
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and n.waiting > 0;
