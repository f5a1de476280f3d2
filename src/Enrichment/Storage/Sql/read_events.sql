-- What happened to a batch. Called by ReadEventsAsync.
select kind, detail, at
  from {schema}.batch_events
 where batch = @batch
 order by event;
