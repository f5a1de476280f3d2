-- The accounts with vendors that are used up: none, as a rule. Index: limits_used_up. Called by ReadAccountsAsync, and by FindDueAsync beside find_due.
select l.name, l.used_up_at, l.used_up_until, l.used_up_until - @now as rest, l.used_up_probe is not null as probes
  from {schema}.limits l
 where l.bucket between 0 and 63
   and l.used_up_at is not null
 order by l.name;
