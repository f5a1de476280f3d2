-- A batch's maintained counts by stage: reads at most 64 ranges a stage, never the states. Called by ReadProgressAsync.
select r.stage, sum(r.pending)::int as pending, sum(r.in_progress)::int as in_progress, sum(r.completed)::int as completed, sum(r.failed)::int as failed,
       sum(r.skipped)::int as skipped, sum(r.cancelled)::int as cancelled, sum(r.to_advance)::int as to_advance
  from generate_series(0, 63) g
  join {schema}.ranges r on r.bucket = g and r.batch = @batch
 group by r.stage
 order by r.stage;
