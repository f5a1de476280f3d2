-- Notes why the consolidation of a batch failed. Called by RecordFailureAsync.
insert into {schema}.projection_failures (projection, batch, error, failed_at)
values (@projection, @batch, @error, @now)
on conflict (projection, batch) do update
   set error = excluded.error,
       failed_at = excluded.failed_at;
