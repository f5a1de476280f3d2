-- Begins an upload, making the client if it is new. Called by BeginUploadAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, @now)
on conflict (slug) do nothing;

insert into {schema}.uploads (id, client, workstream, workstream_version, file_name, uploaded_by, created_at)
select @id, c.client, @workstream, @workstreamVersion, @fileName, @by, @now
  from {schema}.clients c
 where c.slug = @client
returning upload;
