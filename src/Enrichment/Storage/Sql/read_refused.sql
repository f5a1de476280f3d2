-- How often deliveries were refused, and why, the latest first. Called by ReadRefusedAsync.
select hour, reason, cast(sum(times) as bigint) as times, max(last_at) as last_at
  from {schema}.refusals
 group by hour, reason
 order by hour desc, reason;
