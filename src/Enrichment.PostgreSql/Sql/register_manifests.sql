-- Shows this host's steps to hosts that do not have them. Called by RegisterManifestsAsync.
insert into {schema}.step_manifests (slug, version, manifest, registered_at)
select m.slug, m.version, m.manifest, coalesce(@now, clock_timestamp())
  from unnest(@slugs::text[], @versions::text[], @manifests::json[]) as m (slug, version, manifest)
on conflict (slug, version) do update
   set manifest = excluded.manifest, registered_at = excluded.registered_at;
