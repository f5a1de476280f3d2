-- Stores a delivery whose token is that of its attempt; one that is there already is counted there. Run for each of a set, in one transaction. Index: primary keys.
-- Called by ReceiveAsync.
insert into {schema}.inbox as i (bucket, batch, stage, item, attempt, message, state, times, received_at, due_at, headers, body)
select a.bucket, a.batch, a.stage, a.item, a.attempt, @message, 0, 1, @now, @now, @headers, @body
  from {schema}.attempts a
 where a.bucket = @bucket
   and a.batch = @batch
   and a.stage = @stage
   and a.item = @item
   and a.attempt = @attempt
   and a.token = @token
on conflict (bucket, batch, stage, item, attempt, message) do update
   set times = i.times + 1
returning item;
