-- Removes a projection's issues of some items of a batch.
-- Index: primary key, item by item. Called by ConsolidateAsync.
delete from {schema}.projection_issues
 where (bucket, projection, batch, item) in (select value ->> 0, @projection, @batch, value ->> 1 from json_each(@items));
