-- Forgets a version that was never live. Index: primary key. Called by ApplyAsync.
delete from {schema}.projection_versions
 where projection = @projection
   and version = @version;
