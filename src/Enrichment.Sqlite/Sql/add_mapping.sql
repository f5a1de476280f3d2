-- Adds a mapping of a client, making the client if it is new. Called by AddMappingAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, @now)
on conflict (slug) do nothing;

insert into {schema}.column_mappings (client, workstream, headers, columns, set_by, set_at)
select c.client, @workstream, @headers, @columns, @by, @now
  from {schema}.clients c
 where c.slug = @client
returning mapping;
