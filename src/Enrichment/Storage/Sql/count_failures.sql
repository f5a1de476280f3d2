-- Counts what external workers hear of a vendor: failures one after the other, until an answer ends them or there are so many that its breaker opens; then
-- from the beginning. An answer also ends the count of requests to slow down. Index: the primary key. Called by CountFailuresAsync.
update {schema}.limits
   set failures = case when @answered or failures + @failures >= @breakAfter then 0 else failures + @failures end,
       slowdowns = case when @answered then 0 else slowdowns end
 where bucket = @bucket
   and name = @name
   and (failures > 0 or slowdowns > 0 or not @answered)
returning failures = 0 as ended;
