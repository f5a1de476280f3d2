-- Forgets workers that were not seen for a while. Called by ForgetWorkersAsync.
delete from {schema}.external_workers
 where seen_at < @now - @unseen;
