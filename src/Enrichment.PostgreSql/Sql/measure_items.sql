-- How many bytes each item of a block takes to be read, with its row and all its results, so that a reader reads no more at once than it can hold.
-- Index: primary keys, once a stage. Called by ReadResultsAsync, ReadItemsAsync and ReadRowsAsync, block after block.
select m.item, sum(m.bytes)::bigint as bytes
  from (select u.row as item, u.bytes
          from {schema}.upload_rows u
         where u.bucket = @bucket and u.upload = @upload and u.row between @first and @last
        union all
        select e.item, e.bytes
          from unnest(@stages::smallint[]) as p (stage)
         cross join lateral (select w.item, w.bytes
                               from {schema}.enrichment_results w
                              where w.bucket = @bucket and w.batch = @batch and w.stage = p.stage and w.item between @first and @last
                             offset 0) e) m
 group by m.item
 order by m.item;
