-- Takes the right to the one call that tells whether more was bought for an account; until it has ended no other host calls. Index: the primary key. Called
-- by ProbeAccountAsync.
update {schema}.limits
   set used_up_until = @now + @hold, used_up_probe = 1
 where bucket = @bucket
   and name = @name
   and used_up_at is not null
   and used_up_until <= @now
returning 1;
