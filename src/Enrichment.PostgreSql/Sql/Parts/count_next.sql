-- Counts the states of the next stage that the statement has made (next) in their range, which is made if it is not there.
there as (
    insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
    select @bucket, @batch, @stage + 1, n.count, clock.now
      from (select count(*)::int as count from next) n, clock
     where n.count > 0
    on conflict (bucket, batch, stage) do update
       set pending = r.pending + excluded.pending, due_at = least(r.due_at, excluded.due_at))
