-- Removes the values of lists that some items of a batch no longer have.
-- Index: projection_list_items, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_list_values v
 where v.bucket between 0 and 63
   and v.projection = @projection
   and v.version = @version
   and v.batch = @batch
   and v.item = any (@items)
   and not exists (select 1
                     from unnest(@columns, @values, @of) n ("column", value, item)
                    where n."column" = v."column"
                      and n.value = v.value
                      and n.item = v.item)
returning v."column", v.value;
