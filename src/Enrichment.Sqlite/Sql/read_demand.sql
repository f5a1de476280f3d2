-- How many tasks of a stage are unfetched, up to a bound. And how many tasks its workers want: those of the step that were seen a moment ago,
-- do its version and may have tasks of the client. Index: external_tasks_ahead. Called by ReadDemandAsync.
select (select count(*)
          from (select 1
                  from {schema}.external_tasks t
                 where t.batch = @batch
                   and t.stage = @stage
                   and t.token is null
                   and t.bucket between 0 and 63
                 limit @most)) as ahead,
       (select coalesce(sum(w.wanted), 0)
          from {schema}.external_workers w
         where w.step = @step
           and w.version in ('*', @version)
           and exists (select 1 from json_each(w.clients) c where c.value in ('*', @client))
           and w.seen_at > @now - @window) as wanted;
