using System.Text.Json;

namespace Enrichment.Providers.Lookup.Tests;

/// <summary>
/// Settings that could only fail at run time are refused before: in the document with their place, and at launch whichever layer they come
/// from.
/// </summary>
public sealed class SettingsTests
{
    private const string Sound =
        """{ "file": "w.db", "query": "select * from c where domain in (select value from json_each(@domain))", "key": { "domain": { "field": "company.domain", "as": "Domain" } }, "fields": { "company.size": "size" } }""";

    [Fact]
    public void The_engine_is_told_that_a_lookup_has_no_effects_and_takes_a_claim_at_once()
    {
        var manifest = TryLookup.Describe("lookup.sql", Sound).Manifest;

        Assert.Equal((Effects.Pure, (int?)1000, false), (manifest.Effects, manifest.BulkSize, manifest.MayBeAnsweredLater));
    }

    [Fact]
    public void A_lookup_makes_no_call_that_items_could_share() =>
        Assert.Contains(
            "known.json, $.entity: a vendor of kind 'lookup.csv' has no such property.",
            Assert
                .Throws<FormatException>(() =>
                    Http.HttpVendors.Parse(
                        """{ "step": "known.company", "version": "1.0.0", "kind": "lookup.csv", "entity": {} }"""u8.ToArray(),
                        "known.json",
                        Lookups.Kinds))
                .Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("\"key\": {}", "key", "key names no column. Name those by which a row is found.")]
    [InlineData("\"fields\": {}", "fields", "fields names no field. Name those that the rows answer, each with its column.")]
    [InlineData(
        "\"key\": { \"domain\": { \"field\": \"company.web\" } }",
        "key",
        "key compares with 'company.web', but step 'known.company' does not declare that it reads it. It reads company.domain, company.name, person.email. Correct the name, or add it to what the step reads.")]
    [InlineData(
        "\"fields\": { \"company.seize\": \"size\" }",
        "fields",
        "fields names 'company.seize', but step 'known.company' does not declare that it produces it. It produces company.size, company.industry, company.extra, known.outcome, known.source, known.at, known.path. Correct the name, or add it to what the step produces.")]
    [InlineData(
        "\"fields\": { \"known.path\": \"size\" }",
        "fields",
        "fields names 'known.path', which the step produces at a path; a lookup's fields have their own names in the result. Leave the path out.")]
    [InlineData(
        "\"provenance\": { \"outcome\": \"company.size\" }",
        "provenance.outcome",
        "provenance.outcome names 'company.size', which has its value from fields. Give it a field of its own.")]
    [InlineData(
        "\"provenance\": { \"source\": \"known.source\" }",
        "provenance.source",
        "provenance.source and provenance.name belong together: the field, and its value.")]
    [InlineData(
        "\"freshness\": { \"column\": \"at\", \"days\": 0 }",
        "freshness.days",
        "freshness.days is 0: expected more than 0 and at most 36500.")]
    [InlineData(
        "\"nothing\": { \"column\": \"no\" }",
        "nothing",
        "nothing is set, but provenance.outcome names no field, so a known absence and a missing row would look the same.")]
    [InlineData("\"rows\": \"Freshest\"", "rows", "rows asks for the freshest row, but freshness does not say which column dates it.")]
    [InlineData(
        "\"key\": { \"the domain\": { \"field\": \"company.domain\" } }",
        "key",
        "key has the column 'the domain', which cannot be the name of a parameter: letters, digits and underscores only. Give it another in the query: select … as name.")]
    [InlineData(
        "\"query\": \"select '@domain' -- @domain\"",
        "query",
        "query has no parameter @domain, so every call would read all its rows. Compare the column of the key with it.")]
    [InlineData("\"maxRows\": 0", "maxRows", "maxRows is 0: expected 1 to 1000000.")]
    [InlineData(
        "\"file\": null",
        "connection",
        "connection and file: set one of them, a connection string of PostgreSQL as \"secret:NAME\", or the path of a SQLite database.")]
    public void A_fault_of_a_querys_settings_is_told_in_both_places(string setting, string place, string problem)
    {
        var name = setting[..setting.IndexOf(':', StringComparison.Ordinal)].Trim('"');
        var options = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Sound)!;
        options[name] = JsonElement.Parse($"{{{setting}}}").GetProperty(name);
        var json = JsonSerializer.Serialize(options);

        Assert.Equal([problem], TryLookup.Problems("lookup.sql", json));
        var error = Assert.Throws<FormatException>(() => TryLookup.Describe("lookup.sql", json));
        Assert.Equal([$"known.json, $.options.{place}: {problem}"], error.Message.Split(Environment.NewLine).Skip(1));
    }

    [Theory]
    [InlineData(
        "lookup.sql",
        """{ "connection": "Host=db;Password=canary" }""",
        "known.json, $.options.connection: is a secret, and no document may hold its value. Write \"secret:NAME\" and give the host the value under that name.")]
    [InlineData(
        "lookup.sql",
        """{ "quary": "" }""",
        "known.json, $.options.quary: there is no such setting. Known: connection, file, query, maxRows, key, fields, freshness, nothing, provenance, rows.")]
    [InlineData(
        "lookup.sql",
        """{ "key": { "domain": { "field": "company.domain", "as": "Host" } } }""",
        "known.json, $.options.key.domain.as: expected one of Text, Exact, Domain, Email, LinkedIn, found \"Host\".")]
    [InlineData(
        "lookup.csv",
        """{ "file": "", "maxMegabytes": 2000, "key": { "D": { "field": "company.domain" } }, "fields": { "company.size": "S" } }""",
        "known.json, $.options.file: file is empty. Name the table.",
        "known.json, $.options.maxMegabytes: maxMegabytes is 2000: expected 1 to 1024. A larger table belongs in a database: lookup.sql.")]
    public void A_fault_of_a_documents_settings_is_told_with_its_place(string kind, string options, params string[] problems) =>
        Assert.Equal(
            problems,
            Assert.Throws<FormatException>(() => TryLookup.Describe(kind, options)).Message.Split(Environment.NewLine).Skip(1));

    [Fact]
    public void A_connection_may_stand_there_by_name_and_is_looked_at_where_its_value_is_known()
    {
        var named = Sound.Replace("\"file\": \"w.db\"", "\"connection\": \"secret:WAREHOUSE\"", StringComparison.Ordinal);
        Assert.NotNull(TryLookup.Describe("lookup.sql", named));

        Assert.Empty(
            TryLookup.Problems(
                "lookup.sql",
                named.Replace("secret:WAREHOUSE", "postgresql://reader:pw@db/warehouse?sslmode=require", StringComparison.Ordinal)
            ));
        var problem = Assert.Single(
            TryLookup.Problems("lookup.sql", named.Replace("secret:WAREHOUSE", "Canary=1", StringComparison.Ordinal)));
        Assert.StartsWith("connection cannot be read.", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Canary", problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Kinds_that_were_not_handed_over_are_not_known()
    {
        var error = Assert.Throws<FormatException>(() =>
            Http.HttpVendors.Parse("""{ "step": "a.b", "version": "1.0.0", "kind": "lookup.sql" }"""u8.ToArray()));

        Assert.EndsWith(
            "$.kind: there is no kind 'lookup.sql'. Known: call, callback, poll, bulk.",
            error.Message,
            StringComparison.Ordinal);
    }
}
