-- Refuses to read a typed table in a transaction whose snapshot is older than the version that its view shows: it would find a part of the rows, or none.
create or replace function {schema}.require_live(is_live boolean) returns boolean language plpgsql stable parallel safe as $$
begin
    if is_live is not true then
        raise exception 'The definition of this typed table has changed since the transaction began.'
            using errcode = 'serialization_failure', hint = 'Begin the transaction anew.';
    end if;
    return true;
end
$$;
