-- Notes which version of a batch its typed tables show. Called by MarkConsolidatedAsync.
update {schema}.batches
   set consolidated_version = @version
 where batch = @batch;
