-- Notes which version of a batch a table shows after a pass, and from which the next pass takes only what was retried since; -1: from none.
-- Index: primary key. Called by ConsolidateAsync and BuildAsync.
update {schema}.projection_batches
   set noted = filling, shown = nullif(@shown, -1), filling = null, lists_since = null, counted = coalesce(nullif(@counted, ''), counted)
 where projection = @projection
   and version = @version
   and batch = @batch;
