-- The accounts with vendors that are used up: none, as a rule. Index: limits_used_up. Called by ReadAccountsAsync, and by FindDueAsync beside find_due.
with clock as (
    select coalesce(@now, clock_timestamp()) as now)
select l.name, l.used_up_at, l.used_up_until, l.used_up_until - clock.now as rest, l.used_up_probe is not null as probes
  from clock
 cross join {schema}.limits l
 where l.bucket between 0 and 63
   and l.used_up_at is not null
 order by l.name;
