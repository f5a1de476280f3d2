-- Items of a batch in some buckets that began a new generation since a version of it: those after an item in the first bucket and all in the others.
-- Index: primary key of state_history, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
select g.bucket, i.item
  from unnest(@buckets) g (bucket)
 cross join lateral (select h.item
                       from {schema}.state_history h
                      where h.bucket = g.bucket
                        and h.batch = @batch
                        and h.version > @since
                        and h.item > case when g.bucket = @bucket then @item else 0 end
                      group by h.item
                      order by h.item
                      limit @limit) i
 order by g.bucket, i.item
 limit @limit;
