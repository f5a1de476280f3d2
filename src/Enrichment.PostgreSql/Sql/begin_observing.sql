-- Notes from when on observers are told of the end of batches, once. Called by BeginObservingAsync.
insert into {schema}.observers (one, since)
values (1, coalesce(@now, clock_timestamp()))
on conflict (one) do nothing;
