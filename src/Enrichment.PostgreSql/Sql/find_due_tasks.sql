-- Ranges in which a task was not fetched in its time, or a worker's lock has ended. A plain read. Index: external_tasks_acting. Called by FindDueTasksAsync.
select distinct t.bucket, t.batch, t.stage
  from (select d.bucket, d.batch, d.stage
          from {schema}.external_tasks d
         where d.bucket between 0 and 63
           and d.acts_at <= coalesce(@now, clock_timestamp())
         order by d.acts_at
         limit @limit) t;
