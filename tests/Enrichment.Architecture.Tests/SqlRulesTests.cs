namespace Enrichment.Architecture.Tests;

/// <summary>The lint itself, on statements made to break it.</summary>
public sealed class SqlRulesTests
{
    [Theory]
    [InlineData("select * from {schema}.workflow_states where batch = @batch", false)]
    [InlineData("select bucket from {schema}.workflow_states where batch = @batch", false)]
    [InlineData("select * from {schema}.workflow_states where bucket = @bucket and batch = @batch", true)]
    [InlineData("select * from workflow_states as s where s.bucket between 0 and 63", true)]
    [InlineData("select * from ranges r where (r.bucket, r.batch) in (select 1, 2)", true)]
    [InlineData("select * from workflow_states s join leases l on l.batch = s.batch where s.bucket = @bucket", false)]
    [InlineData("select * from workflow_states s join leases l on l.bucket = s.bucket where s.batch = @batch", false)]
    [InlineData("select * from workflow_states s join leases l on l.bucket = s.bucket where s.bucket = @bucket", true)]
    [InlineData("select * from ranges r where r.bucket = @bucket union all select * from ranges r where r.batch = 1", false)]
    [InlineData("update leases set until = @until where token = @token", false)]
    [InlineData("update {schema}.leases l set until = @until where l.bucket = @bucket", true)]
    [InlineData("with due as (select 1) insert into \"attempts\" select * from due", false)]
    [InlineData("insert into {schema}.attempts (bucket, batch) values (1, 2)", true)]
    [InlineData("insert or ignore into attempts (batch) values (2)", false)]
    [InlineData("delete from state_history where batch = 1", false)]
    [InlineData("select * from {schema}.batches b where b.attempts > 1", true)]
    [InlineData("create index states_dated on workflow_states (due_at)", true)]
    public void A_use_of_a_hot_table_must_be_held_to_a_bucket(string statement, bool passes) =>
        Assert.Equal(passes, !SqlRules.WithoutBucket(statement).Any());

    [Theory]
    [InlineData("create table {schema}.leases ( bucket smallint not null, lo int not null, primary key (bucket, lo) )", true)]
    [InlineData("create table {schema}.leases ( bucket smallint, lo int, primary key (lo, bucket) )", false)]
    [InlineData("create table {schema}.leases ( lease bigint primary key, bucket smallint )", false)]
    [InlineData("create table leases ( bucket smallint, token bigint unique )", false)]
    [InlineData("create table leases ( bucket smallint, token bigint, constraint one_token unique (token) )", false)]
    [InlineData("create table {schema}.clients ( client int primary key, slug text unique )", true)]
    [InlineData("create unique index lease_tokens on {schema}.leases (token)", false)]
    [InlineData("create unique index lease_tokens on {schema}.leases (bucket, token)", true)]
    [InlineData("create unique index lease_tokens on {schema}.leases using btree (token)", false)]
    [InlineData("create index lease_tokens on {schema}.leases (token)", true)]
    [InlineData("alter table {schema}.leases add constraint one_token unique (token)", false)]
    [InlineData("alter table {schema}.leases add column note text", true)]
    public void A_key_of_a_hot_table_must_begin_with_the_bucket(string statement, bool passes) =>
        Assert.Equal(passes, !SqlRules.KeysWithoutBucket(statement).Any());

    [Theory]
    [InlineData("select 1 from t for update skip locked", false)]
    [InlineData("select 1 from t where t.bucket = @bucket for update skip locked", true)]
    [InlineData("select pg_advisory_lock(7)", false)]
    [InlineData("select pg_try_advisory_lock(7)", false)]
    [InlineData("select pg_advisory_xact_lock(7)", true)]
    [InlineData("select pg_try_advisory_xact_lock(7)", true)]
    public void Statements_that_a_pooler_or_a_distributed_server_breaks_are_refused(string statement, bool passes) =>
        Assert.Equal(passes, !SqlRules.Forbidden(statement).Any());

    [Theory]
    [InlineData("set jit = off", false)]
    [InlineData("set local jit = off", true)]
    [InlineData("set constraints all deferred", true)]
    [InlineData("update t set local = 1", true)]
    [InlineData("listen arrivals", false)]
    [InlineData("prepare next as select 1", false)]
    [InlineData("create temp table t (n int)", false)]
    [InlineData("create local temporary table t (n int)", false)]
    [InlineData("declare c cursor with hold for select 1", false)]
    public void Statements_that_outlast_their_transaction_are_refused(string statement, bool passes) =>
        Assert.Equal(passes, !SqlRules.SessionState(statement).Any());

    [Theory]
    [InlineData("update b set status = 3", false)]
    [InlineData("update b set status = case when b.paused then 2 else {batch.running} end", false)]
    [InlineData("update b set status = (select case when e.failures then {batch.failed} else 3 end from e)", false)]
    [InlineData("update b set status = {batch.running}, tries = case when status = {batch.paused} then 1 else 0 end", true)]
    [InlineData("select case when l.lo is null then s.status else 1 end as status from s", false)]
    [InlineData("select case when s.status = {status.failed} then 1 else 0 end as failed, s.status from s", true)]
    [InlineData("select case r.kind when 2 then @a else @b end from r", false)]
    [InlineData("insert into {schema}.s (bucket, status, tries) select @bucket, 0, 0 from n", false)]
    [InlineData("insert into s as t (bucket, state, times) values (@bucket, case when f(1, 2) then 0 else 4 end, 1)", false)]
    [InlineData("insert into s (bucket, status, tries) select distinct on (a, b) f(a, b), {status.pending}, 0 from n", true)]
    [InlineData("insert into events (batch, kind, at) select @batch, '', @now", true)]
    public void A_state_is_named_and_not_numbered(string statement, bool passes) =>
        Assert.Equal(passes, !SqlRules.BareNumbers(statement).Any());

    [Fact]
    public void Comments_and_literals_are_no_part_of_a_statement()
    {
        var file = new SqlFile(
            "Enrichment.Sqlite",
            "Sql/x.sql",
            "-- bucket; skip locked\nSELECT 'it''s; bucket' /* bucket */\n  from leases; begin do $body$ select 1; $body$");

        Assert.Equal(["select '' from leases", "begin do", "select 1"], file.Statements);
    }
}
