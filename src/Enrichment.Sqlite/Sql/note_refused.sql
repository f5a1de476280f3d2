-- Counts refused deliveries by hour and reason, and deletes counts older than 30 days. Called by NoteRefusedAsync.
delete from {schema}.refusals
 where hour < @now - 30 * 86400000;

insert into {schema}.refusals (hour, reason, times, last_at)
select @now - @now % 3600000, n.value ->> 0, n.value ->> 1, @now
  from json_each(@refused) n
 where true
on conflict (hour, reason) do update
   set times = refusals.times + excluded.times, last_at = excluded.last_at;
