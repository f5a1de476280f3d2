-- The slugs of all clients, in order. Called by ReadClientsAsync.
select slug
  from {schema}.clients
 order by slug;
