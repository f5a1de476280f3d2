-- A launch as bare statements: the items of an upload and their first states into the same tables, in one transaction. No range, no event, no check.
begin;

insert into enrichment.batch_items (bucket, batch, item)
select r.bucket, 1, r.row
  from enrichment.upload_rows r
 where r.upload = @upload;

insert into enrichment.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
select r.bucket, 1, 1, r.row, 0, 1, now(), now()
  from enrichment.upload_rows r
 where r.upload = @upload;

commit;
