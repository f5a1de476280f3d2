-- Forgets some workers that were not seen for a while. Waits for nobody and lets no fetch wait: a worker whose row a fetch writes stays. Locks: the workers' names,
-- then their rows. Called by ForgetWorkersAsync, until it forgets fewer than the limit.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
gone as materialized (
    select n.place
      from (select o.ctid as place, o.step, o.worker, o.identity
              from {schema}.external_workers o, clock
             where o.seen_at < clock.now - @unseen
             limit @limit) n
     where true
       {part:worker_lock})
delete from {schema}.external_workers w
 using gone g
 where w.ctid = g.place;
