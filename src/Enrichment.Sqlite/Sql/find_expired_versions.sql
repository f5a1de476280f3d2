-- Versions that were replaced longer ago than a span, and those that were dropped and of which something is left. Every version is looked at: there are few.
-- Called by SweepVersionsAsync.
select v.projection, v.version
  from {schema}.projection_versions v
 where (v.status = @kept and v.changed_at < @now - @span)
    or (v.status = @dropped
        and exists (select 1 from {schema}.projection_batches p where p.projection = v.projection and p.version = v.version));
