using System.Text.RegularExpressions;

namespace Enrichment.Architecture.Tests;

/// <summary>Who may know whom, read from the compiled assemblies. A new package needs a rule here before it builds trust.</summary>
public sealed partial class ArrowTests
{
    private const string Abstractions = "Enrichment.Abstractions";
    private const string Normalization = "Enrichment.Normalization";
    private const string Core = "Enrichment";
    private const string Http = "Enrichment.Providers.Http";

    private static readonly string[] Providers = [Abstractions, Normalization, Http];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Abstractions] = [],
        [Normalization] = [],
        [Core] = [Abstractions, Normalization],
        ["Enrichment.PostgreSql"] = [Core, Abstractions, Normalization],
        ["Enrichment.Sqlite"] = [Core, Abstractions, Normalization],
        ["Enrichment.AspNetCore"] = [Core, Abstractions, Normalization],
        ["Enrichment.Leads"] = [Core, Abstractions],
        ["Enrichment.Parquet"] = [Core],
        ["Enrichment.Testing"] = [Core, Abstractions, Normalization],
        ["Enrichment.Cli"] = [.. Package.All.Select(package => package.Name)],
        [Http] = [Abstractions, Normalization],
    };

    // A driver belongs to its store: anywhere else it is a way around the port. Lookups read other people's databases, and reach no store.
    private static readonly Dictionary<string, string[]> DriversOf = new()
    {
        ["Enrichment.PostgreSql"] = ["Npgsql", "Dapper"],
        ["Enrichment.Sqlite"] = ["Microsoft.Data.Sqlite", "Dapper"],
        ["Enrichment.Providers.Lookup"] = ["Npgsql", "Microsoft.Data.Sqlite"],
        ["Enrichment.Cli"] = ["Npgsql", "Microsoft.Data.Sqlite", "Dapper"],
    };

    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void A_package_references_only_what_the_architecture_allows(string name)
    {
        var allowed =
            Allowed.GetValueOrDefault(name) ?? (name.StartsWith("Enrichment.Providers.", StringComparison.Ordinal) ? Providers : null);
        Assert.True(allowed is not null, $"{name} has no rule in ArrowTests: say what it may reference.");

        var ours = References(name).Where(reference => reference == Core || reference.StartsWith("Enrichment.", StringComparison.Ordinal));

        Faults.AssertNone(ours.Except(allowed).Select(reference => $"{name} must not know {reference}"));
    }

    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void Database_drivers_are_known_to_their_store_alone(string name)
    {
        string[] drivers = [.. DriversOf.Values.SelectMany(known => known).Distinct()];

        Faults.AssertNone(
            References(name)
                .Intersect(drivers)
                .Except(DriversOf.GetValueOrDefault(name, []))
                .Select(driver => $"{name} must not know {driver}"));
    }

    [Fact]
    public void Abstractions_depend_on_nothing_but_the_framework()
    {
        Assert.DoesNotContain(References(Abstractions), reference => !reference.StartsWith("System", StringComparison.Ordinal));
        Assert.DoesNotMatch(DependencyItem(), File.ReadAllText(Package.Named(Abstractions).ProjectFile));
    }

    [Fact]
    public void Abstractions_stay_small_enough_to_be_read_in_one_sitting()
    {
        string[] files = [.. Package.Named(Abstractions).Files("*.cs")];

        Assert.InRange(files.Length, 1, 30);
        Assert.InRange(files.Sum(file => File.ReadLines(file).Count()), 1, 1000);
    }

    private static IEnumerable<string> References(string package) =>
        Package.Named(package).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    [GeneratedRegex("<(PackageReference|ProjectReference|FrameworkReference|Reference) ")]
    private static partial Regex DependencyItem();
}
