-- A batch's maintained counts by stage: reads at most 64 ranges a stage, never the states. Called by ReadProgressAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select r.stage, sum(r.pending) as pending, sum(r.in_progress) as in_progress, sum(r.completed) as completed, sum(r.failed) as failed,
       sum(r.skipped) as skipped, sum(r.cancelled) as cancelled, sum(r.to_advance) as to_advance
  from g
 cross join {schema}.ranges r
 where r.bucket = g.bucket
   and r.batch = @batch
 group by r.stage
 order by r.stage;
