-- Whether anything is left to do in batches that are not held, and how long until the next date, in milliseconds. Index: batches_open, ranges by key.
-- Called by FindOpenWorkAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select count(*) > 0 as open,
       min(w.due_at) - @now as next
  from {schema}.batches b
 cross join g
 cross join {schema}.ranges w
 where b.status in (0, 1, 2)
   and w.bucket = g.bucket
   and w.batch = b.batch
   and (w.pending > 0 or w.in_progress > 0 or w.to_advance > 0)
   and (b.status in (0, 1) or w.to_advance > 0);
