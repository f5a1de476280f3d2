-- Removes what is noted of a version's batches. Index: primary key. Called by SweepVersionsAsync and BuildAsync.
delete from {schema}.projection_batches
 where projection = @projection
   and version = @version;
