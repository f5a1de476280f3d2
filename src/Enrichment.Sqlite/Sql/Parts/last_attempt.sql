-- The last attempt's number of an item (o) at the next stage: no number is used again in a later generation.
case when o.generation = 1 then 0
     else coalesce((select max(h.attempt)
                      from {schema}.state_history h
                     where h.bucket = @bucket and h.batch = @batch and h.stage = @stage + 1 and h.item = o.item), 0) end
