-- Where a projection's table is, and of which definition it was made.
-- Index: primary key. Called by ConsolidateAsync, RebuildAsync and ReadProjectionAsync.
select "table", definition_hash
  from {schema}.projections
 where name = @projection;
