-- How many tasks of a stage are unfetched, up to a bound. And how many tasks its workers want: those of the step that were seen a moment ago,
-- do its version and may have tasks of the client. A plain read. Index: external_tasks_ahead. Called by ReadDemandAsync.
select (select count(*)::int
          from (select 1
                  from {schema}.external_tasks t
                 where t.bucket between 0 and 63
                   and t.batch = @batch
                   and t.stage = @stage
                   and t.token is null
                 limit @most) ahead) as ahead,
       (select coalesce(sum(w.wanted), 0)::int
          from {schema}.external_workers w
         where w.step = @step
           and w.version in ('*', @version)
           and w.clients && array[@client, '*']
           and w.seen_at > coalesce(@now, clock_timestamp()) - @window) as wanted;
