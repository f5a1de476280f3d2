-- Of values that are looked up, the places of those that a list of the client has.
-- Index: primary key, value by value; fenced, because the planner knows nothing of the values. Called by ConsolidateAsync, BuildAsync and ExplainAsync.
select i.place
  from unnest(@buckets, @columns, @values, @places) i (bucket, "column", value, place)
 cross join lateral (select 1
                       from {schema}.projection_list_values v
                      where v.bucket = i.bucket
                        and v.projection = @projection
                        and v.version = @version
                        and v.client = @client
                        and v."column" = i."column"
                        and v.value = i.value
                      limit 1) f;
