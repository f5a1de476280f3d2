-- Invariant 3: no row is left of a batch that was pruned and deleted. Called by ExamineAsync.
select b.id as batch, l.n as rows_left, l.kept
  from {schema}.batches b
  join (select i.batch, 'batch_items' as kept, count(*) as n from {schema}.batch_items i where i.bucket between 0 and 63 group by i.batch
        union all
        select s.batch, 'workflow_states', count(*) from {schema}.workflow_states s where s.bucket between 0 and 63 group by s.batch
        union all
        select h.batch, 'state_history', count(*) from {schema}.state_history h where h.bucket between 0 and 63 group by h.batch
        union all
        select r.batch, 'enrichment_results', count(*) from {schema}.enrichment_results r where r.bucket between 0 and 63 group by r.batch
        union all
        select a.batch, 'attempts', count(*) from {schema}.attempts a where a.bucket between 0 and 63 group by a.batch
        union all
        select d.batch, 'inbox', count(*) from {schema}.inbox d where d.bucket between 0 and 63 group by d.batch) l on l.batch = b.batch
 where b.deleted_at is not null
 limit 100;
