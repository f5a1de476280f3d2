using System.Reflection;
using System.Text.RegularExpressions;

namespace Enrichment.Architecture.Tests;

/// <summary>
/// A method of the engine's doors begins with what it does: a read with Get, List, Read or Watch, anything else with another verb.
/// </summary>
public sealed partial class VerbTests
{
    private static readonly string[] Acts =
    [
        "Cancel",
        "Consolidate",
        "Create",
        "Delete",
        "Dispose",
        "Examine",
        "Explain",
        "Export",
        "Forget",
        "Launch",
        "Migrate",
        "Pause",
        "Preview",
        "Prune",
        "Query",
        "Rebuild",
        "Recognize",
        "Reinterpret",
        "Resume",
        "Retry",
        "Run",
        "Set",
        "Skip",
        "Supply",
        "Tick",
        "Upload",
        "Apply",
        "Roll",
    ];

    private static readonly string[] Reads = ["Get", "List", "Read", "Watch"];

    private static IEnumerable<MethodInfo> Methods => new[] { typeof(EnrichmentClient), typeof(EnrichmentEngine) }
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName && method.Name != nameof(EnrichmentEngine.Client));

    [Fact]
    public void Methods_of_the_doors_begin_with_a_verb() =>
        Faults.AssertNone(
            Methods
                .Where(method => !Acts.Concat(Reads).Contains(Verb(method)))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"));

    [Fact]
    public void A_stream_is_read_listed_or_watched() =>
        Faults.AssertNone(
            Methods
                .Where(method =>
                    method.ReturnType.IsGenericType
                    && method.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)
                    && Verb(method) is not ("List" or "Read" or "Watch"))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"));

    private static string Verb(MethodInfo method) => FirstWord().Match(method.Name).Value;

    [GeneratedRegex("^[A-Z][a-z]+")]
    private static partial Regex FirstWord();
}
