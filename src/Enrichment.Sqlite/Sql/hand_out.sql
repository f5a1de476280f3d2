-- Writes attempts of an external step with their tasks, and moves their states to IN_PROGRESS, as begin_sending does. A task whose worker was lost in an earlier
-- attempt of the generation is fetched with no other. Index: primary keys, reached from the attempts. Called by HandOutAsync.
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

insert into {schema}.external_tasks (bucket, batch, stage, item, attempt, client, step, version, idempotency_key, settings, record, limited, call_at, visible_until, acts_at, trial, alone)
with t as materialized (
    select value
      from jsonb_each(@tasks))
select @bucket, @batch, @stage, s.item, s.attempt, @client, @step, @version, t.value ->> 1, @settings, t.value ->> 2, @limited,
       @now + (t.value ->> 3), @now + (t.value ->> 4), @now + (t.value ->> 4), t.value ->> 5,
       (select case when count(*) > 0 then count(*) filter (where a.reference = 'lost alone') end
          from {schema}.attempts a
         where s.tries > 0
           and a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item and a.generation = s.generation
           and a.reference in ('lost', 'lost alone'))
  from t
 cross join sending s
 where s.item = t.value ->> 0;

select item
  from sending
 order by item;
