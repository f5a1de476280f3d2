-- Removes a version's issues in a bucket. Index: primary key. Called by SweepVersionsAsync and BuildAsync.
delete from {schema}.projection_issues
 where bucket = @bucket
   and projection = @projection
   and version = @version;
