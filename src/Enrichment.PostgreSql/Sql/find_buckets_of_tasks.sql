-- The buckets with unfetched tasks of a step, in a random order. A plain read, one probe for each bucket. Index: external_tasks_unfetched.
-- Called by FetchTasksAsync.
select b.bucket::smallint
  from generate_series(0, 63) as b (bucket)
 where exists (select 1
                 from {schema}.external_tasks t
                where t.bucket = b.bucket
                  and t.step = @step
                  and t.token is null)
 order by random();
