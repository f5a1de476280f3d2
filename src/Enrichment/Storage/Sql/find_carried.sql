-- Pruned batches of which a version cannot have what the live one has: rows that were copied since it was replaced, and rows of before a retry.
-- Index: primary keys. Called by RollBackAsync.
select u.workstream, p.noted < l.noted as is_outdated
  from {schema}.projection_versions v
  join {schema}.projection_batches p on p.projection = v.projection and p.version = v.version
  join {schema}.projection_batches l on l.projection = p.projection and l.version = @live and l.batch = p.batch
  join {schema}.batches b on b.batch = p.batch
  join {schema}.uploads u on u.upload = b.upload
 where v.projection = @projection
   and v.version = @version
   and l.noted is not null
   and b.pruned_at is not null
   and (p.noted < l.noted or (p.shown is null and b.pruned_at >= v.changed_at))
 order by b.batch;
