-- Records an export before the first byte of it is handed over. Called by BeginExportAsync.
insert into {schema}.exports (id, client, projection, "table", version, batch, filter, sort, columns, as_of, format, actor, rows, bytes, sha256, begun_at)
values (@id, @client, @projection, @table, @version, @batch, @filter, @sort, @columns, @asOf, @format, @actor, @rows, @bytes, @sha256, @now)
returning begun_at;
