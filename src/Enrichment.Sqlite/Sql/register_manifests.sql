-- Shows this host's steps to hosts that do not have them. Called by RegisterManifestsAsync.
insert into {schema}.step_manifests (slug, version, manifest, registered_at)
select m.value ->> 0, m.value ->> 1, m.value ->> 2, @now
  from json_each(@manifests) m
 where true
on conflict (slug, version) do update
   set manifest = excluded.manifest, registered_at = excluded.registered_at;
