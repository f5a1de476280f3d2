-- Writes the profile of a step's answers in a batch; a later end replaces it. Called by NoteProfilesAsync.
insert into {schema}.answer_profiles as p (client, step, version, batch, answers, counts, samples)
select b.client, @step, @stepVersion, b.batch, @answers, @counts, @samples
  from {schema}.batches b
 where b.batch = @batch
on conflict (client, step, version, batch) do update
   set answers = excluded.answers, counts = excluded.counts, samples = excluded.samples;
