-- Counts what external workers report of a vendor: failures one after the other, until an answer ends them or there are so many that its breaker opens; then
-- from the beginning. An answer ends the count of requests to slow down, too. While the vendor counts as failing, its trial call alone decides (return_permits).
-- Index: the primary key. Called by CountFailuresAsync.
update {schema}.limits
   set failures = case when @answered or failures + @failures >= @breakAfter then 0 else failures + @failures end,
       slowdowns = case when @answered then 0 else slowdowns end
 where bucket = @bucket
   and name = @name
   and failing = 0
   and (failures > 0 or slowdowns > 0 or not @answered)
returning failures = 0 as ended;
