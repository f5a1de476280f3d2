-- Makes the batch's row; none if the client's key is taken or the client has no such sealed upload with its rows. Called by LaunchAsync.
insert into {schema}.batches (id, client, upload, launch_key, request_hash, pipeline, snapshot, trace_parent, status, priority, items, created_at)
select @id, u.client, u.upload, @key, @requestHash, @pipeline, @snapshot, @traceParent, {batch.pending}, @priority, 0, @now
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where u.upload = @upload
   and u.sealed_at is not null
   and u.pruned_at is null
   and c.slug = @client
on conflict (client, launch_key) do nothing
returning batch;
