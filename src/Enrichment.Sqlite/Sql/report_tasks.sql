-- Stores workers' reports as deliveries, once for each task: a second report of a task is taken as the first one again. One of a task that was cancelled in its
-- worker's hands is stored too: its answer is paid for. Returns the numbers of those that were taken, from 1.
-- Index: primary keys, reached from the reports. Called by ReportTasksAsync.
{part:named_tasks}

insert into named (number, bucket, batch, stage, item, attempt, acts_at, body)
with n as materialized (
    select value
      from jsonb_each(cast(@tasks as text)))
select min(n.value ->> 0), a.bucket, a.batch, a.stage, a.item, a.attempt, @now, cast(n.value ->> 7 as blob)
  from n
 cross join {schema}.attempts a
 where a.bucket = n.value ->> 1
   and a.batch = n.value ->> 2
   and a.stage = n.value ->> 3
   and a.item = n.value ->> 4
   and a.attempt = n.value ->> 5
   and a.token is not null
   and a.token = sha256(hex(sha256(n.value ->> 6)) || @identity)
 group by a.bucket, a.batch, a.stage, a.item, a.attempt;

insert into {schema}.inbox (bucket, batch, stage, item, attempt, message, state, received_at, due_at, headers, body)
select n.bucket, n.batch, n.stage, n.item, n.attempt, 'report', {delivery.received}, @now, @now,
       case when n.worker is null then '{}'
            when n.trial is null then json_object('worker', n.worker) else json_object('worker', n.worker, 'trial', cast(n.trial as text)) end, n.body
  from named n
 where n.acts_at is not null
on conflict (bucket, batch, stage, item, attempt, message) do nothing;

with n as materialized (
    select *
      from named
     where acts_at is not null)
update {schema}.external_tasks as t
   set acts_at = null
  from n
 where t.bucket = n.bucket
   and t.batch = n.batch
   and t.stage = n.stage
   and t.item = n.item
   and t.attempt = n.attempt;

select number
  from named;
