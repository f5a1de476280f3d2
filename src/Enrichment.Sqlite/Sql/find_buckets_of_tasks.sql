-- The buckets with unfetched tasks of a step, in a random order. Index: external_tasks_unfetched. Called by FetchTasksAsync.
select b.bucket
  from (select distinct t.bucket
          from {schema}.external_tasks t
         where t.bucket between 0 and 63
           and t.step = @step
           and t.token is null) b
 order by random();
