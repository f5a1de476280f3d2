-- RFC 2104, for keys of at most 64 bytes: PostgreSQL has it in an extension only.
create or replace function {schema}.hmac_sha256(message bytea, secret bytea) returns bytea language sql immutable parallel safe
return (select sha256(string_agg(set_byte('\x00', 0, b.byte # 92), '' order by b.n) || sha256(string_agg(set_byte('\x00', 0, b.byte # 54), '' order by b.n) || message))
          from (select g.n, case when g.n < length(secret) then get_byte(secret, g.n) else 0 end as byte from generate_series(0, 63) as g (n)) b);
