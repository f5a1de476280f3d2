-- Locks the deliveries that a set of outcomes comes from, in the order of their keys as receive and take_deliveries do, so that the statement behind it in the same transaction
-- sees each as it is: one that came once more meanwhile would have another place by then, and not be marked. Index: the primary key, by the whole key (see read_items).
-- Called by SettleAsync, before settle and behind lock_states.
select count(*)::int
  from unnest(@items::int[], @attempts::int[], @messages::text[]) as o (item, attempt, message)
 cross join lateral (select 1
                       from {schema}.inbox i
                      where i.bucket = @bucket and i.batch = @batch and i.stage = @stage and i.item = o.item and i.attempt = o.attempt and i.message = o.message
                        for update
                     offset 0) i;
