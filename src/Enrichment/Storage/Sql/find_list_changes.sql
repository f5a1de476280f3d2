-- Values of a client's lists that have changed since a count. Index: primary key, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
select value
  from {schema}.projection_list_changes
 where bucket between 0 and 63
   and projection = @projection
   and version = @version
   and client = @client
   and change > @since
 limit @limit;
