-- A block of accepted rows of one bucket, by primary key. Called by ReadRowsAsync, block after block.
select r.row, r.raw
  from {schema}.upload_rows r
 where r.bucket = @bucket
   and r.upload = @upload
   and r.row between @first and @last
 order by r.row;
