-- Counts the states of the next stage that the statement has made (n.begun) in their range, which is made if it is not there.
 where n.begun > 0
on conflict (bucket, batch, stage) do update
   set pending = r.pending + excluded.pending, due_at = min(coalesce(r.due_at, excluded.due_at), excluded.due_at)
