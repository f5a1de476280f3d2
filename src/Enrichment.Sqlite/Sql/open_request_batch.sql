-- Gets, makes or reopens a client's request batch of this month, with an upload for its rows, and names the others whose answers serve: answers outlive their
-- month, and other ways to call have request batches of their own. The versions of the others are raised, so that hosts learn of the new one.
-- A batch is not reopened while its cancel has not reached all of its items. Index: batches by client and launch key, batches_of_requests. Called by
-- OpenRequestBatchAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, @now)
on conflict (slug) do nothing;

insert into {schema}.uploads (id, client, workstream, workstream_version, size_bytes, sha256, fingerprint, columns, header_map, report, accepted, rejected, created_at, sealed_at)
select @uploadId, c.client, 'entity-requests', '1', 0, @fingerprint, @fingerprint, @columns, @headerMap, '{}', 64000, 0, @now, @now
  from {schema}.clients c
 where c.slug = @client
   and not exists (select 1 from {schema}.batches b where b.client = c.client and b.launch_key = @key || '/' || strftime('%Y-%m', @now / 1000, 'unixepoch'));

insert into {schema}.batches (id, client, upload, launch_key, request_hash, pipeline, snapshot, status, priority, items, created_at, started_at, entity_requests)
select @id, u.client, u.upload, @key || '/' || strftime('%Y-%m', @now / 1000, 'unixepoch'), @answers, @pipeline, @snapshot, {batch.running}, 10, 0, @now, @now, 1
  from {schema}.uploads u
 where u.id = @uploadId;

insert into {schema}.batch_events (batch, kind, at)
select b.batch, 'launched', @now
  from {schema}.batches b
 where b.id = @id;

update {schema}.batches
   set version = version + 1
 where batch in (select o.batch
                   from {schema}.batches m
                   join {schema}.batches o on o.client = m.client and o.request_hash = m.request_hash and o.entity_requests and o.batch <> m.batch and o.status in ({batch.pending}, {batch.running}, {batch.paused})
                  where m.id = @id);

with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
update {schema}.batches
   set status = {batch.running}, version = version + 1, started_at = @now, completed_at = null
 where client = (select c.client from {schema}.clients c where c.slug = @client)
   and launch_key = @key || '/' || strftime('%Y-%m', @now / 1000, 'unixepoch')
   and status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and pruned_at is null
   and not exists (select 1
                     from g
                    cross join {schema}.ranges r
                    where r.bucket = g.bucket
                      and r.batch = batches.batch
                      and (r.pending > 0 or r.in_progress > 0));

select b.batch, b.version, b.upload, u.id, b.status, b.launch_key = @key || '/' || strftime('%Y-%m', @now / 1000, 'unixepoch')
  from {schema}.clients c
  join {schema}.batches b on b.client = c.client and b.request_hash = @answers and b.entity_requests
  join {schema}.uploads u on u.upload = b.upload
 where c.slug = @client
   and b.pruned_at is null
   and b.created_at >= unixepoch(@now / 1000, 'unixepoch', 'start of month', '-13 months') * 1000;
