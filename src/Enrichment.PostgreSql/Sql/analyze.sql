-- Lets the planner know the tables before statements that read all of them. Called by ExamineAsync.
analyze {schema}.batch_items, {schema}.workflow_states, {schema}.enrichment_results, {schema}.attempts, {schema}.ranges, {schema}.upload_rows;
