-- Writes what was found in a batch. A change that is known and not accepted stays one finding, and shows its youngest batch. Called by NoteProfilesAsync.
insert into {schema}.drift_findings as f (client, step, version, kind, path, detail, status, first_batch, last_batch, evidence, sample)
select b.client, @step, @stepVersion, @kind, @path, @detail, {drift.open}, b.batch, b.batch, @evidence, @sample
  from {schema}.batches b
 where b.batch = @batch
on conflict (client, step, version, kind, path, detail) where status <> {drift.accepted} do update
   set last_batch = excluded.last_batch, evidence = excluded.evidence, sample = excluded.sample
 where f.last_batch <= excluded.last_batch;
