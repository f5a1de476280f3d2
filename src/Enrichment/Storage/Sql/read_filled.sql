-- What live tables have counted of a batch as it ended: of its results, how many have a value at each place. Index: primary keys. Called by DriftDetector.
select p.filled
  from {schema}.projections r
  join {schema}.projection_batches p on p.projection = r.name and p.version = r.live and p.batch = @batch
 where p.noted = @version
   and p.filling is null
   and p.filled is not null
 order by r.name;
