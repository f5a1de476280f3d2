-- Remembers the definition of which a projection's table is made.
-- Locks the projection's row. Called by ConsolidateAsync and RebuildAsync.
insert into {schema}.projections (name, "table", definition, definition_hash, consolidated_at)
values (@projection, @table, @definition::json, @hash, coalesce(@now, clock_timestamp()))
on conflict (name) do update
   set "table" = excluded."table",
       definition = excluded.definition,
       definition_hash = excluded.definition_hash,
       consolidated_at = excluded.consolidated_at;
