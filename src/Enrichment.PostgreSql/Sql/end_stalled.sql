-- Ends the connections of clients that stopped in the middle of a transaction of the engine, longer ago than a lease. The server waits for the rest of such a
-- transaction without a time-out, and its locks block the new holders of its items. If the client continues, it writes its outcomes again. A COPY always
-- waits for its client. Only connections of the caller's own role. Called by EndStalledAsync.
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
