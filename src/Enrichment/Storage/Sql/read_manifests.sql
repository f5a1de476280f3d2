-- The manifests that any host has shown. Called by ReadManifestsAsync.
select manifest
  from {schema}.step_manifests
 order by slug, version;
