-- Notes under which limit a stage sends, so that what waits there can say so.
create or replace function {schema}.bind_stage(batch int, stage smallint, bucket smallint, name text)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _batch constant int := batch;
    _stage constant smallint := stage;
    _bucket constant smallint := bucket;
    _name constant text := name;
    _untilanswered constant boolean := false; -- A worker answers what it has in hand.
begin
    {sql:bind_limit};
end
$$;
