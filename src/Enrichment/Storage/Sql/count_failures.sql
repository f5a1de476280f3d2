-- Counts what external workers report of a vendor: failures one after the other, until an answer ends them or there are so many that its breaker opens; then
-- from the beginning. Where the vendor counts as failing, one is enough. An answer ends that, and the count of requests to slow down.
-- Index: the primary key. Called by CountFailuresAsync.
update {schema}.limits
   set failures = case when @answered or failures + @failures >= @breakAfter or failing > 0 then 0 else failures + @failures end,
       slowdowns = case when @answered then 0 else slowdowns end,
       paused_until = case when @answered and failing > 0 then null else paused_until end,
       probe = case when @answered then null else probe end,
       failing = case when @answered then 0 else failing end
 where bucket = @bucket
   and name = @name
   and (failures > 0 or slowdowns > 0 or failing > 0 or not @answered)
returning failures = 0 as ended;
