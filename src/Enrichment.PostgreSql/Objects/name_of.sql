-- The name of a lease as workers are given it, signed with the store's key. Called by claim_work.
create or replace function {schema}.name_of(held {schema}.held_lease) returns text language sql stable
return (select concat_ws('.', k.key, {schema}.lease_code(k.key, n.name), n.name)
          from (select coalesce(max(t.key) filter (where t.created_at <= clock_timestamp() - interval '2 minutes'), min(t.key)) as key from {schema}.token_keys t) k,
               (select concat_ws('.', held.bucket, held.batch, held.stage, held.lo, held.hi, held.token, held.block, held.owner) as name) n);
