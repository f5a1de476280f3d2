-- Whether anything is left to do in batches that are not held, and how long until the next date. Index: batches_open, ranges by key.
-- Called by FindOpenWorkAsync.
select count(*) > 0 as open,
       extract(epoch from min(w.due_at) - coalesce(@now, clock_timestamp()))::float8 as next_seconds
  from {schema}.batches b
  cross join generate_series(0, 63) g
  join {schema}.ranges w on w.bucket = g and w.batch = b.batch
 where (w.pending > 0 or w.in_progress > 0 or w.to_advance > 0)
   and (b.status in (0, 1) or (b.status = 2 and w.to_advance > 0));
