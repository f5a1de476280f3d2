-- Invariant 3: no row is left of a pruned upload. Called by ExamineAsync.
select u.id as upload, l.n as rows_left
  from {schema}.uploads u
  join (select r.upload, count(*) as n from {schema}.upload_rows r where r.bucket between 0 and 63 group by r.upload) l
    on l.upload = u.upload
 where u.pruned_at is not null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload and b.deleted_at is null)
 limit 100;
