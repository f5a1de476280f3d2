-- Notes why the consolidation of a batch failed. Called by RecordFailureAsync.
insert into {schema}.projection_failures (projection, batch, error, failed_at)
values (@projection, @batch, @error, coalesce(@now, clock_timestamp()))
on conflict (projection, batch) do update
   set error = excluded.error,
       failed_at = excluded.failed_at;
