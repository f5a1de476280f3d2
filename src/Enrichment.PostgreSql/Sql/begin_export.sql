-- Records an export before the first byte of it is handed over. Called by BeginExportAsync.
insert into {schema}.exports (id, client, projection, "table", version, batch, filter, sort, columns, as_of, format, actor, rows, bytes, sha256, begun_at)
values (@id, @client, @projection, @table, @version, @batch::uuid, @filter::json, @sort::json, @columns::json, cast(@asOf as date), @format, @actor, @rows, @bytes, @sha256, coalesce(@now, clock_timestamp()))
returning begun_at;
