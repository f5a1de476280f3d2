-- The buckets with unfetched tasks of a step that a worker may have, in a random order. A plain read, one probe for each bucket and client of the worker.
-- Index: external_tasks_unfetched; for a worker that may not have all clients, external_tasks_of_clients. Called by FetchTasksAsync.
select b.bucket::smallint
  from generate_series(0, 63) as b (bucket)
 where case when '*' = any (@clients::text[])
            then exists (select 1
                           from {schema}.external_tasks t
                          where t.bucket = b.bucket
                            and t.step = @step
                            and t.token is null)
            else exists (select 1
                           from {schema}.external_tasks t
                          where t.bucket = b.bucket
                            and t.step = @step
                            and t.client = any (@clients::text[])
                            and t.token is null) end
 order by random();
