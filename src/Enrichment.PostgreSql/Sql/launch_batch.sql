-- Makes the batch's row; none if the client's key is taken or the client has no such sealed upload with its rows. Its number is of this month: next_batch
-- makes the month's partition of the results if it is missing. Locks: the upload against pruning. Called by LaunchAsync.
insert into {schema}.batches (batch, id, client, upload, launch_key, request_hash, pipeline, snapshot, trace_parent, status, priority, items, created_at)
select {schema}.next_batch(coalesce(@now, clock_timestamp())), @id, u.client, u.upload, @key, @requestHash, @pipeline, @snapshot::json, @traceParent, {batch.pending}, @priority, 0, coalesce(@now, clock_timestamp())
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where u.upload = @upload
   and u.sealed_at is not null
   and u.pruned_at is null
   and c.slug = @client
   for key share of u
on conflict (client, launch_key) do nothing
returning batch;
