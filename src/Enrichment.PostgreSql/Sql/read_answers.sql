-- The answers to which the states of some items at a stage refer, each by its whole key (see read_items). Index: primary keys. Called by ReadAnswersAsync.
select i.item, r.source, r.data::text
  from unnest(@buckets::smallint[], @items::int[]) i (bucket, item)
 cross join lateral (select w.result_attempt
                       from {schema}.workflow_states w
                      where w.bucket = i.bucket and w.batch = @batch and w.stage = @stage and w.item = i.item and w.status = {status.completed}
                     offset 0) s
 cross join lateral (select e.source, e.data
                       from {schema}.enrichment_results e
                      where e.bucket = i.bucket and e.batch = @batch and e.stage = @stage and e.item = i.item and e.attempt = s.result_attempt
                        and e.kind = {outcome.completed}
                     offset 0) r;
