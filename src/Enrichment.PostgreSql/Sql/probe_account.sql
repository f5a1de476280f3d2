-- Takes the right to the one call that tells whether more was bought for an account; until it has ended no other host calls. Index: the primary key. Called
-- by ProbeAccountAsync.
update {schema}.limits l
   set used_up_until = coalesce(@now, clock_timestamp()) + @hold, used_up_probe = 1
 where l.bucket = @bucket
   and l.name = @name
   and l.used_up_at is not null
   and l.used_up_until <= coalesce(@now, clock_timestamp())
returning 1;
