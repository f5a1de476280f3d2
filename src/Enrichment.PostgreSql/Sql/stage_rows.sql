-- Adds rows to an unsealed upload, as one binary COPY. Called by StageAsync.
copy {schema}.upload_rows (bucket, upload, row, raw) from stdin (format binary)
