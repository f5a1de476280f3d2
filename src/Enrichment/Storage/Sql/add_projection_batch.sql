-- Adds a batch to those of a projection's table; changes no row if it was there.
-- Called by ConsolidateAsync.
insert into {schema}.projection_batches (projection, batch)
values (@projection, @batch)
on conflict do nothing;
