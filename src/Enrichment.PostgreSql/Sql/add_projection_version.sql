-- Registers a version of a projection. Called by ConsolidateAsync, ApplyAsync and RebuildAsync.
insert into {schema}.projection_versions (projection, version, definition, fingerprint, evaluator, status, swaps, created_at, changed_at)
select @projection, @version, @definition, @fingerprint, @evaluator, @status, @swaps, n.now, n.now
  from (select coalesce(@now, clock_timestamp()) as now) n;
