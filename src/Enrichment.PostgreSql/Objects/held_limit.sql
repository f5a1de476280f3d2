-- The limit of a lease, whose name may have been said long ago.
create or replace function {schema}.held_limit(held {schema}.held_lease, out bucket smallint, out name text, out break_after int)
language sql stable parallel safe as $$
select l.bucket, l.name, l.break_after
  from {schema}.batches b
  join {schema}.clients c on c.client = b.client
 cross join lateral {schema}.stage_limit(b.snapshot -> 'stages' -> (held.stage - 1), c.slug) l
 where b.batch = held.batch
$$;
