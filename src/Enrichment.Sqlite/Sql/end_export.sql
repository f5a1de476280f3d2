-- Records that an export was handed over to the end, once. Index: exports_id_key. Called by EndExportAsync.
update {schema}.exports
   set ended_at = coalesce(ended_at, @now)
 where id = @id
returning ended_at;
