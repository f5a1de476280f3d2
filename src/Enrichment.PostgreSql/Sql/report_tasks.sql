-- Stores workers' reports as deliveries, once for each task: a second report of a task is taken as the first one again. Returns those that were refused.
-- Locks: the tasks, in order; so no host closes their attempts meanwhile. Index: primary keys. Called by ReportTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:named_tasks},
stored as (
    insert into {schema}.inbox (bucket, batch, stage, item, attempt, message, state, received_at, due_at, headers, body)
    select f.bucket, f.batch, f.stage, f.item, f.attempt, 'report', {delivery.received}, clock.now, clock.now,
           case when f.trial is null then json_build_object('worker', f.worker) else json_build_object('worker', f.worker, 'trial', f.trial::text) end, b.body
      from clock, found f
      join unnest(@bodies::bytea[]) with ordinality as b (body, number) on b.number = f.number
     where f.acts_at is not null
    on conflict (bucket, batch, stage, item, attempt, message) do nothing),
marked as (
    update {schema}.external_tasks t
       set acts_at = null
      from found f
     where t.ctid = f.place
       and t.bucket = f.bucket
       and f.acts_at is not null)
select t.task
  from unnest(@tasks::text[]) with ordinality as t (task, number)
 where not exists (select 1
                     from found f
                    where f.task = t.task)
 order by t.number;
