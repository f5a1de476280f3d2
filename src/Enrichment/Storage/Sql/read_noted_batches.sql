-- The batches that a version's table shows, and whether the doctor can tell what it must show of them: of those that were pruned, and of those that had
-- ended when they were read, and did nothing since. Index: primary keys. Called by ExamineAsync and RebuildAsync.
select b.batch, b.pruned_at is not null as is_pruned, b.pruned_at is not null or coalesce(p.shown = b.version and p.lists >= coalesce(l.changes, 0), false) as is_comparable, u.workstream
  from {schema}.projection_batches p
  join {schema}.batches b on b.batch = p.batch
  join {schema}.uploads u on u.upload = b.upload
  left join {schema}.projection_lists l on l.projection = p.projection and l.version = p.version and l.client = b.client
 where p.projection = @projection
   and p.version = @version
   and p.noted is not null
 order by b.batch;
