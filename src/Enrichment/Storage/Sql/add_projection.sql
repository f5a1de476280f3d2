-- Registers a projection with its first version. Called by ConsolidateAsync and FindToProjectAsync.
insert into {schema}.projections (name, "table", live)
values (@projection, @table, 1);
