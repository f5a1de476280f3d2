using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>How the engine is made inside: one way for each thing that happens to an item.</summary>
public sealed partial class ExecutionTests
{
    private const int MostParameters = 7;

    [Fact]
    public void Outcomes_reach_the_store_through_the_outcome_writer_alone()
    {
        var writer = Package.Named("Enrichment").Files("OutcomeWriter.cs").Single();
        var callers = Package.Named("Enrichment").Files("*.cs").ToDictionary(file => file, file => CallsOf(file));

        Assert.Equal(
            ["CommitAsync", "CompleteWaitersAsync", "SettleAsync"],
            callers[writer].Select(call => call.Operation).Distinct().Order(StringComparer.Ordinal));
        Faults.AssertNone(
            from file in callers
            where file.Key != writer
            from call in file.Value
            where !call.Receiver.Equals("writer", StringComparison.OrdinalIgnoreCase)
            select $"{Path.GetFileName(file.Key)} calls {call.Receiver}.{call.Operation}: outcomes are written by an OutcomeWriter, in a variable of the name writer");
    }

    [Fact]
    public void A_constructor_takes_seven_things_at_most() => Faults.AssertNone(
        from type in Package.Named("Enrichment").Assembly.GetTypes()
        where !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !IsDataAlone(type)
        from constructor in type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
        where constructor.GetParameters().Length > MostParameters
        select $"{type.FullName} takes {constructor.GetParameters().Length} things: give a part of its work to another class");

    [Fact]
    public void Every_class_that_the_page_through_the_code_names_has_a_file_of_its_name()
    {
        var page = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "through-the-code.md"));
        var files = Package.All.SelectMany(package => package.Files("*.cs")).Select(Path.GetFileNameWithoutExtension).ToHashSet();
        var named = ClassName().Matches(page).Select(name => name.Groups[1].Value).Distinct().ToList();

        Assert.InRange(named.Count, 40, 100);
        Faults.AssertNone(
            named.Where(name => !files.Contains(name)).Select(name => $"through-the-code.md names {name}, but there is no {name}.cs"));
    }

    // A record that has no method of its own carries data, such as a request or a row: each of its parameters is a column of it.
    private static bool IsDataAlone(Type type)
    {
        var methods = type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly);
        return methods.Any(method => method.Name == "PrintMembers")
            && methods.All(method => method.IsSpecialName || method.IsDefined(typeof(CompilerGeneratedAttribute)));
    }

    private static IReadOnlyList<(string Receiver, string Operation)> CallsOf(string file) =>
        [
            .. File.ReadLines(file)
                .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
                .SelectMany(line => Call().Matches(line))
                .Select(call => (call.Groups[1].Value, call.Groups[2].Value)),
        ];

    [GeneratedRegex(
        @"`([A-Z][a-z]+(?:[A-Z][a-z]+)+|Polls|Worker|Dispatcher|Heartbeat|Preflight|Sequencer|Sweeper|Doctor|Quarantine|Instruments|Interpreter)`")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"(\w+)\s*[!?]?\.\s*(CommitAsync|SettleAsync|CompleteWaitersAsync)\b")]
    private static partial Regex Call();
}
