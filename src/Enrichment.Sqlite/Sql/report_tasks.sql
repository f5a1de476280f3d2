-- Stores workers' reports as deliveries, once for each task: a second report of a task is taken as the first one again. Returns the numbers of those that were taken, from 1.
-- Index: primary keys, reached from the reports. Called by ReportTasksAsync.
{part:named_tasks}

insert into {schema}.inbox (bucket, batch, stage, item, attempt, message, state, received_at, due_at, headers, body)
select n.bucket, n.batch, n.stage, n.item, n.attempt, 'report', {delivery.received}, @now, @now,
       case when n.trial is null then json_object('worker', n.worker) else json_object('worker', n.worker, 'trial', cast(n.trial as text)) end, n.body
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
