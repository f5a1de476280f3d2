-- Notes of which end of a batch observers were told. Called by MarkObservedAsync.
update {schema}.batches
   set observed_version = @version
 where batch = @batch;
