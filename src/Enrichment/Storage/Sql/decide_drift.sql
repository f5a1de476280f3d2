-- Notes a decision about a finding of a client. An accepted change that was found again since has another finding, and cannot be opened beside it.
-- Called by DecideDriftAsync.
update {schema}.drift_findings
   set status = @status
 where number = @number
   and client = (select c.client from {schema}.clients c where c.slug = @client)
   and not exists (select 1
                     from {schema}.drift_findings f
                     join {schema}.drift_findings o on o.client = f.client and o.step = f.step and o.version = f.version and o.kind = f.kind and o.path = f.path and o.detail = f.detail
                    where f.number = @number
                      and o.number <> f.number
                      and o.status <> {drift.accepted}
                      and @status <> {drift.accepted});
