-- Notes from when on observers are told of the end of batches, once. Called by BeginObservingAsync.
insert into {schema}.observers (one, since)
values (1, @now)
on conflict (one) do nothing;
