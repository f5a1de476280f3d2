-- What is registered of a projection: the number in its tables' names, its view, and the version that the view shows.
-- Index: primary key. Called by whatever works on a projection or reads its rows.
select number, "table", live
  from {schema}.projections
 where name = @projection;
