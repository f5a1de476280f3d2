-- Held to the end of a transaction that writes a worker's row (n). Not waited for: without it the row is another transaction's at the moment.
and pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'enrichment worker', n.step, n.worker, n.identity), 0))
