-- Makes the partitions of the months to come. Called by MaintainPartitionsAsync.
select {schema}.add_months(coalesce(@now, clock_timestamp()));
