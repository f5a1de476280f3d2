-- Writes attempts before their calls leave and moves their states to IN_PROGRESS, under a live lease and for states that are open and as claimed. From then on the
-- state is no lease's: an answer, a poll or the deadline ends it. Index: primary keys, reached from the attempts. Called by BeginSendingAsync.
create temp table if not exists sending (item integer primary key, attempt integer not null, generation integer not null, tries integer not null, token blob, call text);

delete from sending;

insert into sending (item, attempt, generation, tries, token, call)
with a as materialized (
    select value
      from jsonb_each(@attempts))
select s.item, a.value ->> 1, s.generation, s.tries, unhex(a.value ->> 3), a.value ->> 4
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

{part:sent}

select item
  from sending
 order by item;
