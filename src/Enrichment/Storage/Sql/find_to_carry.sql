-- Pruned batches that the live version shows and another one lacks. Index: primary keys. Called by RollBackAsync.
select l.batch
  from {schema}.projection_batches l
  join {schema}.batches b on b.batch = l.batch
  left join {schema}.projection_batches p on p.projection = l.projection and p.version = @version and p.batch = l.batch
 where l.projection = @projection
   and l.version = @live
   and l.noted is not null
   and b.pruned_at is not null
   and p.noted is null
 order by l.batch;
