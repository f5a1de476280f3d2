-- The bucket of a row that is keyed by something else than its item.
create or replace function {schema}.key_bucket(key text) returns smallint language sql immutable parallel safe
return (get_byte(sha256(convert_to(key, 'UTF8')), 0) % 64)::smallint;
