-- Of values that are looked up, the places of those that a list of the client has.
-- Index: primary key, value by value. Called by ConsolidateAsync, BuildAsync and ExplainAsync.
select i.value ->> 3
  from json_each(@listed) i
 where exists (select 1
                 from {schema}.projection_list_values v
                where v.bucket = i.value ->> 0
                  and v.projection = @projection
                  and v.version = @version
                  and v.client = @client
                  and v."column" = i.value ->> 1
                  and v.value = unhex(i.value ->> 2));
