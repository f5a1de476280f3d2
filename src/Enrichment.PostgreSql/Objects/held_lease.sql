-- The lease of that name, if it was given out and is of a step and client of the caller's; of one that is not, no difference is told. Hashes are compared: how long that
-- takes tells nothing of the code.
create or replace function {schema}.held_lease(name text) returns {schema}.held_lease language plpgsql stable as $$
declare
    signed constant text[] := regexp_match(name, '^([0-9]{1,3})[.]([0-9a-f]{32})[.](.*)$');
    part constant text[] := regexp_match(signed[3], '^([0-9]{1,2})[.]([0-9]{1,10})[.]([0-9]{1,5})[.]([0-9]{1,10})[.]([0-9]{1,10})[.]([0-9]{1,18})[.]([0-9]{1,18})[.](.*)$');
    held {schema}.held_lease;
begin
    if part is not null and sha256(signed[2]::bytea) = sha256({schema}.lease_code(signed[1]::smallint, signed[3])::bytea) then
        held := row (part[1], part[2], part[3], part[4], part[5], part[6], part[7], part[8])::{schema}.held_lease;
        if exists (select 1
                     from {schema}.batches b
                     join {schema}.clients o on o.client = b.client
                    where b.batch = held.batch
                      and array['*', o.slug] && {schema}.allowed_clients(b.snapshot -> 'stages' -> (held.stage - 1) -> 'manifest' ->> 'slug')) then
            return held;
        end if;
    end if;

    raise exception 'lease: expected the text that claim_work returned, as it was.' using errcode = 'invalid_parameter_value';
end
$$;
