-- Locks the states of a set of items in their order, so that the next statement of the transaction sees their current values: of two answers to one state the
-- second sees the result of the first. Index: the primary key, by the whole key (see read_items). Called by SettleAsync, before settle, and by ResolveAsync.
select count(*)::int
  from unnest(@items::int[]) as o (item)
 cross join lateral (select 1
                       from {schema}.workflow_states s
                      where s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = o.item
                        for update
                     offset 0) s;
