-- Adds a projection's issues. Called by ConsolidateAsync and RebuildAsync.
insert into {schema}.projection_issues (bucket, projection, batch, item, "column", source, reason, value, number, child_key)
select value ->> 0, @projection, @batch, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, unhex(value ->> 7)
  from json_each(@issues);
