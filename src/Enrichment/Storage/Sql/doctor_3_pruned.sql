-- Invariant 3: a pruned batch has ended, with an event and without open items; and no row is left of deleted batches. Called by ExamineAsync.
select 3 as invariant, format('batch %s was pruned, but no event says so', b.id) as detail
  from {schema}.batches b
 where b.pruned_at is not null
   and not exists (select 1 from {schema}.batch_events e where e.batch = b.batch and e.kind = 'pruned')
union all
select 3, format('batch %s was pruned, but its counters say that items are open at stage %s', b.id, r.stage)
  from {schema}.batches b
  join {schema}.ranges r on r.batch = b.batch
 where b.pruned_at is not null
   and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
union all
select 3, format('batch %s was pruned and deleted, but %s of its rows are left in %s', b.id, l.n, l.kept)
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
union all
select 3, format('the rows of upload %s were pruned, but batch %s still needs them', u.id, b.id)
  from {schema}.uploads u
  join {schema}.batches b on b.upload = u.upload and b.pruned_at is null
 where u.pruned_at is not null
union all
select 3, format('upload %s was pruned, but %s of its rows are left', u.id, l.n)
  from {schema}.uploads u
  join (select r.upload, count(*) as n from {schema}.upload_rows r where r.bucket between 0 and 63 group by r.upload) l on l.upload = u.upload
 where u.pruned_at is not null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload and b.deleted_at is null)
 limit 100;
