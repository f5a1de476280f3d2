-- A page of a client's exports, the youngest first. Index: exports_of_a_client. Called by ReadExportsAsync, page after page.
select export as key, id, client, projection, "table", version, batch, filter, sort, columns, as_of as asOf, format, actor, rows, bytes, sha256, begun_at as begunAt, ended_at as endedAt
  from {schema}.exports
 where client = @client
   and export < @below
 order by export desc
 limit @limit;
