-- Drops intervals without owner in ranges of which nothing is pending any more: answers from outside have ended their items, and no claim comes for them.
-- Index: primary keys. Called by RepairRangesAsync.
delete from {schema}.leases
 where bucket between 0 and 63
   and owner is null
   and exists (select 1
                 from {schema}.ranges r
                where r.bucket = leases.bucket and r.batch = leases.batch and r.stage = leases.stage
                  and r.pending = 0);
