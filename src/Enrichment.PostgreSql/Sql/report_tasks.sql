-- Stores workers' reports as deliveries, once for each task: a second report of a task is taken as the first one again. One of a task that was cancelled in its
-- worker's hands is stored too: its answer is paid for. Returns those that were refused.
-- Locks: the tasks, in order; so no host closes their attempts meanwhile. The keys of cancelled attempts, as receive does; a task that this statement saw, and that was
-- gone when it was to be locked, counts as cancelled. Index: primary keys. Called by ReportTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:named_tasks},
other as materialized (
    select n.*
      from named n
     where not exists (select 1
                         from found f
                        where f.number = n.number)),
cancelled as materialized (
    select n.task, n.number, n.bucket, n.batch, n.stage, n.item, n.attempt
      from other n
     cross join lateral (select 1
                           from {schema}.attempts w
                          where w.bucket = n.bucket and w.batch = n.batch and w.stage = n.stage and w.item = n.item and w.attempt = n.attempt
                            and (w.token = sha256(n.token || convert_to(@identity, 'UTF8'))
                                 or exists (select 1
                                              from {schema}.external_tasks t
                                             where t.bucket = n.bucket and t.batch = n.batch and t.stage = n.stage and t.item = n.item and t.attempt = n.attempt
                                               and t.token = n.token and t.identity = @identity))
                            for key share
                         offset 0) a),
stored as (
    insert into {schema}.inbox (bucket, batch, stage, item, attempt, message, state, received_at, due_at, headers, body)
    select r.bucket, r.batch, r.stage, r.item, r.attempt, 'report', {delivery.received}, clock.now, clock.now, r.headers, b.body
      from clock, (select f.bucket, f.batch, f.stage, f.item, f.attempt, f.number,
                          case when f.trial is null then json_build_object('worker', f.worker) else json_build_object('worker', f.worker, 'trial', f.trial::text) end as headers
                     from found f
                    where f.acts_at is not null
                   union all
                   select c.bucket, c.batch, c.stage, c.item, c.attempt, c.number, '{}'
                     from cancelled c) r
      join unnest(@bodies::bytea[]) with ordinality as b (body, number) on b.number = r.number
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
   and not exists (select 1
                     from cancelled c
                    where c.task = t.task)
 order by t.number;
