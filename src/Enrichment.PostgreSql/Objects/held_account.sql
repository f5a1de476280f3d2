-- The account of a lease.
create or replace function {schema}.held_account(held {schema}.held_lease, out bucket smallint, out name text)
language sql stable parallel safe as $$
select a.bucket, a.name
  from {schema}.batches b
  join {schema}.clients c on c.client = b.client
 cross join lateral {schema}.stage_account(b.snapshot -> 'stages' -> (held.stage - 1), c.slug) a
 where b.batch = held.batch
$$;
