-- A block of refused rows of one bucket, by primary key. Called by ReadRejectsAsync, block after block.
select r.row, r.line, r.code, r.reason, r.raw
  from {schema}.rejected_rows r
 where r.bucket = @bucket
   and r.upload = @upload
   and r.row between @first and @last
 order by r.row;
