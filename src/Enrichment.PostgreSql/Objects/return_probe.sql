-- Gives back the one call that tells whether more was bought for an account: there was nothing to call for.
create or replace function {schema}.return_probe(bucket smallint, name text)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _bucket constant smallint := bucket;
    _name constant text := name;
begin
    {sql:return_probe};
end
$$;
