-- Removes what is noted of a version's lists. Index: primary key. Called by SweepVersionsAsync and BuildAsync.
delete from {schema}.projection_lists
 where projection = @projection
   and version = @version;
