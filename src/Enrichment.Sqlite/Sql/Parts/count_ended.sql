-- Counts the states that have ended, for add_ended.
count(*) filter (where status = {status.completed}) as completed,
count(*) filter (where status = {status.failed}) as failed,
count(*) filter (where status = {status.skipped}) as skipped
