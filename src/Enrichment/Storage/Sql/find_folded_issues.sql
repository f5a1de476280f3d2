-- The issues of a row that was folded from several items. Index: primary key. Called by ExplainAsync.
select i."column", i.reason, i.value
  from {schema}.projection_issues i
 where i.bucket = @bucket
   and i.projection = @projection
   and i.version = @version
   and i.batch = @batch
   and i.item = @item
   and i.number = @number;
