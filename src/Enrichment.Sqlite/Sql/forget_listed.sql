-- Removes the values of lists that some items of a batch no longer have.
-- Index: projection_list_items, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_list_values as v
 where v.bucket between 0 and 63
   and v.projection = @projection
   and v.version = @version
   and v.batch = @batch
   and v.item in (select value from json_each(@items))
   and (v."column", v.value, v.item) not in (select n.value ->> 1, unhex(n.value ->> 2), n.value ->> 3 from json_each(@listed) n)
returning "column", value;
