-- Notes that a vendor says of an account that nothing is left: nothing is called for a time, then one call tells. Without effect if the call that heard it
-- began before the account was resumed. Its row is the limit's, or is made for this.
-- Called by PauseAccountAsync.
insert into {schema}.limits as l (bucket, name, next_at, used_up_at, used_up_until)
values (@bucket, @name, @now, @now, @now + @pause)
on conflict (bucket, name) do update
   set used_up_at = coalesce(l.used_up_at, excluded.used_up_at), used_up_until = excluded.used_up_until, used_up_probe = null
 where l.resumed_at is null
    or l.resumed_at <= @now - @age
returning 1;
