-- The items of a batch of whose number the hash is below a bound. Index: the primary key, once a bucket. Called by FindSampledAsync.
select i.bucket, i.item
  from {schema}.batch_items i
 where i.bucket in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63)
   and i.batch = @batch
   and (i.item * 2654435761) % 4294967296 < @below;
