-- A client's findings of drift. Index: drift_findings_once. Called by ReadDriftAsync.
select f.number, f.step, f.version, f.kind, f.path, f.detail, f.evidence, f.sample, f.status, a.batch as firstBatch, a.id as firstId, z.batch as lastBatch, z.id as lastId
  from {schema}.clients c
  join {schema}.drift_findings f on f.client = c.client
  join {schema}.batches a on a.batch = f.first_batch
  join {schema}.batches z on z.batch = f.last_batch
 where c.slug = @client
 order by f.number;
