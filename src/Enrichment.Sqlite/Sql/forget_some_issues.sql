-- Removes a version's issues of some items of a batch. Those of folded rows stay: they go when their key is folded anew.
-- Index: primary key, item by item. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_issues
 where (bucket, projection, version, batch, item) in (select value ->> 0, @projection, @version, @batch, value ->> 1 from json_each(@items))
   and number >= 0;
