using System.Globalization;
using Enrichment.Consolidation.Changes;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Consolidation.Tests;

/// <summary>The script of the documentation lets a role read the rows of one client, whatever becomes of the table.</summary>
public sealed class ClientViewTests : IAsyncLifetime
{
    private static readonly Projection Sites = Define(wide: false);
    private static readonly Projection Wider = Define(wide: true);

    private PostgreSqlGround ground = null!;
    private string reader = null!;

    public async Task InitializeAsync()
    {
        ground = await PostgreSqlGround.CreateAsync();
        reader = $"reader_{Guid.NewGuid():N}";
        await ground.RawAsync($"create role {reader}");
        foreach (var client in new[] { "acme", "globex" })
        {
            string?[][] rows = [[$"{client} one", "1", """[{"tag": "a"}]"""], [$"{client} two", "2", """[{"tag": "b"}, {"tag": "c"}]"""]];
            var batch = await ground.LaunchAsync(await ground.UploadAsync(client, ["Name", "N", "Tags"], [], rows), ("one", []));
            await ground.Store.ConsolidateAsync(Sites, batch.Key, default);
        }
    }

    public async Task DisposeAsync()
    {
        await ground.RawAsync($"drop owned by {reader}; drop role {reader}");
        await ground.DisposeAsync();
    }

    [Fact]
    public async Task A_role_reads_the_rows_of_one_client_and_nothing_else()
    {
        await RunScriptAsync("acme");

        Assert.Equal("acme one,acme two", await ReadAsync("select string_agg(name, ',' order by name) from enrichment_acme.sites"));
        Assert.Equal("a,b,c", await ReadAsync("select string_agg(tag, ',' order by tag) from enrichment_acme.site_tags"));
        foreach (var other in new[] { "enrichment.sites", "enrichment.site_tags", "enrichment.projection_1_v1", "enrichment.clients" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ReadAsync($"select count(*) from {other}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task A_function_of_the_reader_sees_no_row_of_another_client()
    {
        await RunScriptAsync("acme");
        await ground.RawAsync(
            $"""
            grant create on schema public to {reader};
            set role {reader};
            create function public.peek(name text) returns boolean language plpgsql cost 0.0001 as $$
            begin
                if name not like 'acme%' then raise exception 'seen: %', name; end if;
                return true;
            end $$;
            reset role
            """);

        Assert.Equal("2", await ReadAsync("select count(*)::text from enrichment_acme.sites where public.peek(name)"));
    }

    [Fact]
    public async Task The_rows_are_those_of_the_client_after_a_change_too()
    {
        await RunScriptAsync("acme");

        Assert.NotNull(await new VersionOperations(ground.Store, Wider).ApplyAsync(hold: false, default));
        Assert.Equal("acme one,acme two", await ReadAsync("select string_agg(name, ',' order by name) from enrichment_acme.sites"));

        await RunScriptAsync("acme");
        Assert.Equal("3", await ReadAsync("select sum(n)::text from enrichment_acme.sites"));
    }

    [Fact]
    public async Task An_unknown_client_is_named()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunScriptAsync("nobody"));

        Assert.Contains("There is no client nobody", refused.MessageText, StringComparison.Ordinal);
    }

    private static Projection Define(bool wide) => Projection.Define("sites", p =>
    {
        p.Text("name", s => s.Column("Name"))
            .Children("tags", c => c.Table("site_tags").Each(s => s.Column("Tags")).Text("tag", s => s.At("/tag")));
        if (wide)
        {
            p.Integer("n", s => s.Column("N"));
        }
    });

    private async Task RunScriptAsync(string client)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "client-views.sql"));
        await ground.RawAsync($"set enrichment.client = '{client}'; set enrichment.reader = '{reader}'; {script}");
    }

    private async Task<string?> ReadAsync(string sql) =>
        Convert.ToString(await ground.RawAsync($"begin; set local role {reader}; {sql}; commit"), CultureInfo.InvariantCulture);
}
