-- Adds a mapping of a client, making the client if it is new. Locks: none that wait. Called by AddMappingAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, coalesce(@now, clock_timestamp()))
on conflict (slug) do nothing;

insert into {schema}.column_mappings (client, workstream, headers, columns, set_by, set_at)
select c.client, @workstream, @headers::json, @columns::json, @by, coalesce(@now, clock_timestamp())
  from {schema}.clients c
 where c.slug = @client
returning mapping;
