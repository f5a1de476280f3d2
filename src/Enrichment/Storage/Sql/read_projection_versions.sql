-- The versions of a projection, the oldest first. Index: primary key. Called by whatever works on a projection or reads its rows.
select version, definition, fingerprint, evaluator, status, swaps, created_at, changed_at
  from {schema}.projection_versions
 where projection = @projection
 order by version;
