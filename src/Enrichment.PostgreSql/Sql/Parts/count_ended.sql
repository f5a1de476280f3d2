-- Counts the states that have ended, for add_ended.
count(*) filter (where status = {status.completed})::int as completed,
count(*) filter (where status = {status.failed})::int as failed,
count(*) filter (where status = {status.skipped})::int as skipped
