using System.Text.RegularExpressions;
using Enrichment.Execution;

namespace Enrichment.Architecture.Tests;

/// <summary>How the engine is made inside: one way for each thing that happens to an item.</summary>
public sealed partial class ExecutionTests
{
    [Fact]
    public void Outcomes_reach_the_store_through_the_outcome_writer_alone()
    {
        var writer = Package.Named("Enrichment").Files("OutcomeWriter.cs").Single();
        var callers = Package.Named("Enrichment").Files("*.cs").ToDictionary(file => file, file => CallsOf(file));

        Assert.Equal(["CommitAsync", "CompleteWaitersAsync", "SettleAsync"], callers[writer].Select(call => call.Operation).Distinct().Order(StringComparer.Ordinal));
        Faults.AssertNone(
            from file in callers
            where file.Key != writer
            from call in file.Value
            where !call.Receiver.Equals("writer", StringComparison.OrdinalIgnoreCase)
            select $"{Path.GetFileName(file.Key)} calls {call.Receiver}.{call.Operation}: outcomes are written by an OutcomeWriter, in a variable of the name writer");
    }

    private static IReadOnlyList<(string Receiver, string Operation)> CallsOf(string file) =>
        [.. File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)).SelectMany(line => Call().Matches(line)).Select(call => (call.Groups[1].Value, call.Groups[2].Value))];

    [GeneratedRegex(@"(\w+)\s*[!?]?\.\s*(CommitAsync|SettleAsync|CompleteWaitersAsync)\b")]
    private static partial Regex Call();
}
