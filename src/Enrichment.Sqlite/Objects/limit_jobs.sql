-- The calls that were sent and take a place of their limit's concurrency until they are answered, by range; and from when on one of them may be polled.
create view {schema}.limit_jobs as
select k.bucket, k.name, r.in_progress as jobs, r.acts_at
  from {schema}.stage_limits k
  join {schema}.ranges r on r.batch = k.batch and r.stage = k.stage
 where k.until_answered = 1
   and r.bucket between 0 and 63
   and r.in_progress > 0;
