-- Adds issues of a version. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_issues (bucket, projection, version, batch, item, "column", source, reason, value, number, child_key)
select value ->> 0, @projection, @version, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, unhex(value ->> 8)
  from json_each(@issues);
