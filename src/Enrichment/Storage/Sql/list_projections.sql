-- Every registered projection, with its live version and the one that is being built. Index: primary keys. Called by RegisteredProjection.
select p.name, p.number, p."table", p.live, l.changed_at, b.version as building
  from {schema}.projections p
  join {schema}.projection_versions l on l.projection = p.name and l.version = p.live
  left join {schema}.projection_versions b on b.projection = p.name and b.status = @building
 order by p.name;
