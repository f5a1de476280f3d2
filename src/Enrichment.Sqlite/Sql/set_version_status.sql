-- Gives a version of a projection another status. Index: primary key. Called by ApplyAsync, RollBackAsync and SweepVersionsAsync.
update {schema}.projection_versions
   set status = @status, swaps = @swaps, changed_at = @now
 where projection = @projection
   and version = @version;
