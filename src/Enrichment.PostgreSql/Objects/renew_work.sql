-- Prolongs a lease from now on, and its calls in flight with it. False if it was given back or taken over: what the worker has in hand is no longer its own.
create or replace function {schema}.renew_work(lease text, hold interval default interval '1 minute')
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    _held constant {schema}.held_lease := {schema}.held_lease(lease);
begin
    if hold is null or hold not between interval '1 second' and interval '1 hour' then
        raise exception 'hold: expected 1 second to 1 hour, got %.', hold using errcode = 'invalid_parameter_value';
    elsif not {schema}.renew_lease(_held, hold) then
        return false;
    end if;

    if _held.block > 0 then
        perform {schema}.renew_calls(_held, hold);
    end if;

    return true;
end
$$;

revoke execute on function {schema}.renew_work(text, interval) from public;
