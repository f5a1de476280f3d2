-- Adds the states that have ended (d) to the counters of their range (r).
completed = r.completed + d.completed,
failed = r.failed + d.failed,
skipped = r.skipped + d.skipped
