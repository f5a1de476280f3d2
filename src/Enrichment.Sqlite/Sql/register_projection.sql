-- Remembers the definition of which a projection's table is made.
-- Called by ConsolidateAsync and RebuildAsync.
insert into {schema}.projections (name, "table", definition, definition_hash, consolidated_at)
values (@projection, @table, @definition, @hash, @now)
on conflict (name) do update
   set "table" = excluded."table",
       definition = excluded.definition,
       definition_hash = excluded.definition_hash,
       consolidated_at = excluded.consolidated_at;
