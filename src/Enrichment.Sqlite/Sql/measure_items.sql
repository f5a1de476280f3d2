-- How many bytes each item of a block takes to be read, with its row and all its results, so that a reader reads no more at once than it can hold. Sizes are
-- read from the rows' heads. Index: primary keys, once a stage. Called by ReadResultsAsync, ReadItemsAsync and ReadRowsAsync, block after block.
select m.item, sum(m.bytes) as bytes
  from (select u.row as item, octet_length(u.raw) as bytes
          from {schema}.upload_rows u
         where u.bucket = @bucket
           and u.upload = @upload
           and u.row between @first and @last
        union all
        select r.item, octet_length(r.data)
          from json_each(@stages) k
         cross join {schema}.enrichment_results r
         where r.bucket = @bucket
           and r.batch = @batch
           and r.stage = k.value
           and r.item between @first and @last) m
 group by m.item
 order by m.item;
