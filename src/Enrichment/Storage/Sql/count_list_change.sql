-- Notes that a list of a client has gained or lost a value: its batches are done again. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_lists as l (projection, version, client, changes)
values (@projection, @version, @client, 1)
on conflict (projection, version, client) do update set changes = l.changes + 1
returning changes;
