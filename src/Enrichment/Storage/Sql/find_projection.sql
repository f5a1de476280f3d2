-- What is registered of a projection: the number in its tables' names, its view, and its versions, the oldest first.
-- Index: primary keys. Called by whatever works on a projection or reads its rows.
select p.number, p."table", v.version, v.definition, v.fingerprint, v.evaluator, v.status, v.swaps, v.created_at, v.changed_at
  from {schema}.projections p
  join {schema}.projection_versions v on v.projection = p.name
 where p.name = @projection
 order by v.version;
