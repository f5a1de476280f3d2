using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Connection strings as people are handed them; whatever is wrong with one, its password stays unsaid.</summary>
public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData(
        "postgres://me:secret@db.example.com/leads?sslmode=require",
        "Host=db.example.com;Port=5432;Database=leads;Username=me;Password=secret;SSL Mode=Require")]
    [InlineData("postgresql://me@db.example.com:6543/leads", "Host=db.example.com;Port=6543;Database=leads;Username=me")]
    [InlineData("POSTGRESQL://db.example.com", "Host=db.example.com;Port=5432")]
    [InlineData(
        "postgresql://me:p%40ss%3Aw%2Frd%25@db.example.com/leads",
        "Host=db.example.com;Port=5432;Database=leads;Username=me;Password=p@ss:w/rd%")]
    [InlineData(
        "postgresql://me:p@ss:word#1@db.example.com/leads",
        "Host=db.example.com;Port=5432;Database=leads;Username=me;Password=p@ss:word#1")]
    [InlineData(
        "postgresql://me:a;b'c@db.example.com/leads",
        "Host=db.example.com;Port=5432;Database=leads;Username=me;Password=\"a;b'c\"")]
    [InlineData("postgresql://me@[2001:db8::1]:5433/leads", "Host=2001:db8::1;Port=5433;Database=leads;Username=me")]
    [InlineData("postgresql://me@[::1]/leads", "Host=::1;Port=5432;Database=leads;Username=me")]
    [InlineData(
        "postgresql://me@one,two:5433,[::1]:5434/leads?target_session_attrs=primary",
        "Host=one:5432,two:5433,[::1]:5434;Database=leads;Username=me;Target Session Attributes=primary")]
    [InlineData("postgresql://me@%2Fvar%2Frun%2Fpostgresql/leads", "Host=/var/run/postgresql;Port=5432;Database=leads;Username=me")]
    [InlineData(
        "postgresql:///leads?host=/tmp&port=5433&user=me&password=s%26t",
        "Host=/tmp;Port=5433;Database=leads;Username=me;Password=s&t")]
    [InlineData(
        "postgresql://me@host/leads?Maximum%20Pool%20Size=7&connect_timeout=3",
        "Host=host;Port=5432;Database=leads;Username=me;Maximum Pool Size=7;Timeout=3")]
    [InlineData(
        "postgresql://me@host/leads?sslmode=require&sslrootcert=/etc/ca.pem",
        "Host=host;Port=5432;Database=leads;Username=me;SSL Mode=VerifyCA;Root Certificate=/etc/ca.pem")]
    [InlineData("postgresql://me@host/leads?sslrootcert=system", "Host=host;Port=5432;Database=leads;Username=me;SSL Mode=VerifyFull")]
    [InlineData("Host=host;Username=me;Password='a;b'", "Host=host;Username=me;Password='a;b'")]
    public void An_address_is_read_as_the_settings_that_it_stands_for(string text, string settings)
    {
        var read = ConnectionSettings.Parse(text);

        Assert.True(new NpgsqlConnectionStringBuilder(settings).EquivalentTo(read), read.ConnectionString);
    }

    [Theory]
    [InlineData(
        "postgresql://postgres.abcdefgh:s3cret@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=5",
        "aws-0-eu-central-1.pooler.supabase.com",
        6543,
        "postgres.abcdefgh")]
    [InlineData(
        "postgres://postgres.abcdefgh:s3cret@aws-0-eu-central-1.pooler.supabase.com:5432/postgres?sslmode=require&supa=base-pooler.x",
        "aws-0-eu-central-1.pooler.supabase.com",
        5432,
        "postgres.abcdefgh")]
    [InlineData(
        "postgresql://neondb_owner:s3cret@ep-cool-sun-123-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
        "ep-cool-sun-123-pooler.eu-central-1.aws.neon.tech",
        5432,
        "neondb_owner")]
    [InlineData(
        "postgresql://neondb_owner:s3cret@pg.neon.tech/neondb?sslmode=require&options=endpoint%3Dep-cool-sun-123",
        "pg.neon.tech",
        5432,
        "neondb_owner")]
    [InlineData(
        "postgres://uabcdef:s3cret@c9.cluster-xyz.us-east-1.rds.amazonaws.com:5432/d1?ssl=true",
        "c9.cluster-xyz.us-east-1.rds.amazonaws.com",
        5432,
        "uabcdef")]
    public void The_addresses_of_hosted_databases_are_accepted_as_they_are(string address, string host, int port, string user)
    {
        var settings = ConnectionSettings.Parse(address);

        Assert.Equal((host, port, user, "s3cret"), (settings.Host, settings.Port, settings.Username, settings.Password));
        new EnrichmentBuilderOf(address).Dispose();
    }

    [Fact]
    public void Several_hosts_make_a_data_source() =>
        new EnrichmentBuilderOf("postgresql://me@one,two:5433/leads?target_session_attrs=read-write").Dispose();

    [Theory]
    [InlineData("Host=db;Username=me;Password=ab;SECRET")]
    [InlineData("Host=db;Username=me;Password=ab;SECRET=1;Database=leads")]
    [InlineData("SECRET")]
    [InlineData("SECRET=1")]
    [InlineData("Host=db;Port=SECRET")]
    [InlineData("Host=db;SSL Mode=SECRET")]
    [InlineData("Host=db;Username=me;Password='SECRET")]
    [InlineData("Username=me;Password=SECRET")]
    [InlineData("Host=db;Password=SECRET;Minimum Pool Size=9;Maximum Pool Size=3")]
    [InlineData("Host=db;Password=SECRET;Multiplexing=true")]
    [InlineData("postgres://me:SECRET@db:port/leads")]
    [InlineData("postgres://me:SECRET@db:99999/leads")]
    [InlineData("postgres://me:pa/SECRET@db/leads")]
    [InlineData("postgres://me:pa?SECRET@db/leads")]
    [InlineData("postgres://me:pa?SECRET=x@db/leads")]
    [InlineData("postgres://me:SECRET@[::1/leads")]
    [InlineData("postgres://me:SECRET@db/leads?sslmode=SECRET")]
    [InlineData("postgres://me:pw@db/leads?SECRET=1")]
    [InlineData("postgres://me:pw@db/leads?connect_timeout=SECRET")]
    [InlineData("postgres://me:SECRET@db/leads?Multiplexing=true")]
    [InlineData("mysql://me:SECRET@db/leads")]
    public void A_connection_string_that_is_refused_is_not_repeated(string text)
    {
        var exception = Assert.Throws<EnrichmentException>(() => new EnrichmentBuilderOf(text));

        Assert.DoesNotContain("SECRET", exception.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Null(exception.InnerException);
    }

    [Theory]
    [InlineData("Host=db;Username=me;Password=ab;cd=1", "after the value of 'password'")]
    [InlineData("Host=db;Port=many", "'port'")]
    [InlineData("Username=me", "Host=")]
    [InlineData("Host=db;Multiplexing=true", "Multiplexing")]
    [InlineData("postgres://me:a/b@db/leads", "%2F")]
    [InlineData("postgres://me:pw@db:many/leads", "port")]
    public void A_refusal_says_what_is_wrong(string text, string part) =>
        Assert.Contains(part, Assert.Throws<EnrichmentException>(() => new EnrichmentBuilderOf(text)).Message, StringComparison.Ordinal);

    private sealed class EnrichmentBuilderOf : IDisposable
    {
        private readonly EnrichmentEngine engine;

        public EnrichmentBuilderOf(string connectionString) => engine = EnrichmentEngine.Create(e => e.UsePostgreSql(connectionString));

        public void Dispose() => engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
