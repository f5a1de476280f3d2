-- Uploads that were begun and not sealed, and to which nothing was added for a while, or that were given up before. Index: uploads_unsealed.
-- Called by FindAbandonedUploadsAsync.
select u.upload, u.id, c.slug as client
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where u.sealed_at is null
   and (u.pruned_at is not null or coalesce(u.staged_at, u.created_at) <= @now - @idle)
 order by u.upload
 limit 1000;
