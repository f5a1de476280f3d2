-- The buckets with unfetched tasks of a step that a worker may have, in a random order. One probe for each bucket and client of the worker.
-- Index: external_tasks_unfetched; for a worker that may not have all clients, external_tasks_of_clients. Called by FetchTasksAsync.
with recursive b (bucket) as (
    select 0
     union all
    select bucket + 1
      from b
     where bucket < 63)
select b.bucket
  from b
 where case when exists (select 1 from json_each(@clients) c where c.value = '*')
            then exists (select 1
                           from {schema}.external_tasks t
                          where t.bucket = b.bucket
                            and t.step = @step
                            and t.token is null)
            else exists (select 1
                           from json_each(@clients) c
                          cross join {schema}.external_tasks t
                          where t.bucket = b.bucket
                            and t.step = @step
                            and t.client = c.value
                            and t.token is null) end
 order by random();
