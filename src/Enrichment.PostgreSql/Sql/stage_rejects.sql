-- Adds refused rows to an unsealed upload, as one binary COPY. Called by StageAsync.
copy {schema}.rejected_rows (bucket, upload, row, line, code, reason, raw) from stdin (format binary)
