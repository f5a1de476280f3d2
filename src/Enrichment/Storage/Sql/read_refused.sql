-- How often deliveries were refused, and why, the latest first. Called by ReadRefusedAsync.
select hour, reason, times, last_at
  from {schema}.refusals
 order by hour desc, reason;
