-- The mappings of a client, also those that were replaced. Index: column_mappings_of_a_client. Called by ReadMappingsAsync.
select m.mapping, m.workstream, m.headers, m.columns, m.set_by, m.set_at
  from {schema}.column_mappings m
  join {schema}.clients c on c.client = m.client
 where c.slug = @client
 order by m.mapping;
