-- The workstreams of which the store has batches. Index: primary keys; every batch is looked at. Called by ConsolidateAsync, for projections with lists.
select distinct u.workstream
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
 where not b.entity_requests;
