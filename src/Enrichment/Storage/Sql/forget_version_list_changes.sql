-- Removes what is noted of changed values of a version's lists in a bucket. Index: primary key. Called by SweepVersionsAsync and BuildAsync.
delete from {schema}.projection_list_changes
 where bucket = @bucket
   and projection = @projection
   and version = @version;
