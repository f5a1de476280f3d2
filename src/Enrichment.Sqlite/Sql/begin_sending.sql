-- Writes attempts before their calls leave and moves their states to IN_PROGRESS, under a live lease and for states that are open and as claimed. From then on the
-- state is no lease's: an answer, a poll or the deadline ends it. Index: primary keys, reached from the attempts. Called by BeginSendingAsync.
create temp table if not exists sending (item integer primary key, attempt integer not null, generation integer not null, token blob, call text);

delete from sending;

insert into sending (item, attempt, generation, token, call)
with a as materialized (
    select value
      from jsonb_each(@attempts))
select s.item, a.value ->> 1, s.generation, unhex(a.value ->> 3), a.value ->> 4
  from a
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.value ->> 0
   and s.status = {status.pending}
   and s.attempt = (a.value ->> 1) - 1
   and s.generation = a.value ->> 2
   {part:fence};

with a as materialized (
    select *
      from sending)
update {schema}.workflow_states as s
   set status = {status.in_progress}, attempt = a.attempt, waits = @waits, due_at = @now + @actsAfter, updated_at = @now
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at, call, token, deadline_at)
select @bucket, @batch, @stage, item, attempt, generation, @owner, @now, call, token, @now + @deadline
  from sending;

update {schema}.ranges as r
   set pending = r.pending - n.sent, in_progress = r.in_progress + n.sent, acts_at = min(coalesce(r.acts_at, @now + @actsAfter), @now + @actsAfter)
  from (select count(*) as sent from sending) n
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and n.sent > 0;

select item
  from sending
 order by item;
