-- Begins an upload, making the client if it is new. Two statements, so that a client made by a racing call is seen.
-- Locks: none that wait. Called by BeginUploadAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, coalesce(@now, clock_timestamp()))
on conflict (slug) do nothing;

insert into {schema}.uploads (id, client, workstream, workstream_version, file_name, uploaded_by, created_at)
select @id, c.client, @workstream, @workstreamVersion, @fileName, @by, coalesce(@now, clock_timestamp())
  from {schema}.clients c
 where c.slug = @client
returning upload;
