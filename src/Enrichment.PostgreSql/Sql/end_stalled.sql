-- Ends the connections of clients that stopped in the middle of a transaction of ours, longer ago than a lease: the server waits for the rest of it, and no time-out of
-- the server's counts there, while its locks keep others from what has been theirs since. What the client had in hand it writes again if it ever goes on. A COPY waits for its
-- client by its nature. Only connections of the caller's own role. Called by EndStalledAsync.
select count(*)::int
  from pg_stat_activity a
 cross join lateral (select pg_terminate_backend(a.pid) as ended offset 0) t
 where a.datname = current_database()
   and a.usename = current_user
   and a.pid <> pg_backend_pid()
   and a.state = 'active'
   and a.wait_event = 'ClientRead'
   and a.xact_start < clock_timestamp() - @longer
   and a.query like '%{schema}.%'
   and a.query not ilike 'copy %'
   and t.ended;
