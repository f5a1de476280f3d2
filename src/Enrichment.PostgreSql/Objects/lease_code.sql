-- The code by which a lease's name is known to be one that was given out; null if there is no such key.
create or replace function {schema}.lease_code(key smallint, name text) returns text language sql stable parallel safe
return (select encode(substr({schema}.hmac_sha256(convert_to('lease' || name, 'UTF8'), k.secret), 1, 16), 'hex') from {schema}.token_keys k where k.key = $1);
