-- Gets, makes or reopens a client's request batch of this month, with an upload for its rows, and names the others whose answers serve: answers outlive their
-- month, and other ways to call have request batches of their own. The versions of the others are raised, so that hosts learn of the new one; this waits for
-- requests in progress.
-- The client's row is locked, so that of two hosts at once only one makes it, and the other sees it. A batch is not reopened while its cancel has not reached
-- all of its items. Index: batches by client and launch key, batches_of_requests. Called by OpenRequestBatchAsync.
insert into {schema}.clients (id, slug, created_at)
values (@clientId, @client, coalesce(@now, clock_timestamp()))
on conflict (slug) do nothing;

select c.client
  from {schema}.clients c
 where c.slug = @client
   for no key update;

with clock as (
    select coalesce(@now, clock_timestamp()) as now),
wanted as (
    select c.client, @key || '/' || to_char(clock.now at time zone 'UTC', 'YYYY-MM') as launch_key
      from {schema}.clients c, clock
     where c.slug = @client),
upload as (
    insert into {schema}.uploads (id, client, workstream, workstream_version, size_bytes, sha256, fingerprint, columns, header_map, report, accepted, rejected, created_at, sealed_at)
    select @uploadId, w.client, 'entity-requests', '1', 0, @fingerprint, @fingerprint, @columns::json, @headerMap::json, '{}'::json, 64000, 0, clock.now, clock.now
      from wanted w, clock
     where not exists (select 1 from {schema}.batches b where b.client = w.client and b.launch_key = w.launch_key)
    returning upload, client),
batch as (
    insert into {schema}.batches (batch, id, client, upload, launch_key, request_hash, pipeline, snapshot, status, priority, items, created_at, started_at, entity_requests)
    select {schema}.next_batch(clock.now), @id, u.client, u.upload, w.launch_key, @answers, @pipeline, @snapshot::json, {batch.running}, 10, 0, clock.now, clock.now, true
      from upload u, wanted w, clock
    returning batch)
insert into {schema}.batch_events (batch, kind, at)
select b.batch, 'launched', clock.now
  from batch b, clock;

with others as materialized (
    select o.batch
      from {schema}.batches m
      join {schema}.batches o on o.client = m.client and o.request_hash = m.request_hash and o.entity_requests and o.batch <> m.batch and o.status in ({batch.pending}, {batch.running}, {batch.paused})
     where m.id = @id
     order by o.batch
       for no key update of o)
update {schema}.batches b
   set version = b.version + 1
  from others o
 where b.batch = o.batch;

update {schema}.batches b
   set status = {batch.running}, version = b.version + 1, started_at = coalesce(@now, clock_timestamp()), completed_at = null
  from {schema}.clients c
 where c.slug = @client
   and b.client = c.client
   and b.launch_key = @key || '/' || to_char(coalesce(@now, clock_timestamp()) at time zone 'UTC', 'YYYY-MM')
   and b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.pruned_at is null
   and not exists (select 1
                     from generate_series(0, 63) g
                     join {schema}.ranges r on r.bucket = g and r.batch = b.batch
                    where r.pending > 0 or r.in_progress > 0);

select b.batch, b.version, b.upload, u.id, b.status,
       b.launch_key = @key || '/' || to_char(coalesce(@now, clock_timestamp()) at time zone 'UTC', 'YYYY-MM') as current
  from {schema}.clients c
  join {schema}.batches b on b.client = c.client and b.request_hash = @answers and b.entity_requests
  join {schema}.uploads u on u.upload = b.upload
 where c.slug = @client
   and b.pruned_at is null
   and b.created_at >= (date_trunc('month', coalesce(@now, clock_timestamp()) at time zone 'UTC') - interval '13 months') at time zone 'UTC';
