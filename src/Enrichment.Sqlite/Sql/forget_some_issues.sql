-- Removes a version's issues of some items of a batch.
-- Index: primary key, item by item. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_issues
 where (bucket, projection, version, batch, item) in (select value ->> 0, @projection, @version, @batch, value ->> 1 from json_each(@items));
