using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>Words that the field has better ones for do not come back: see docs/reference/glossary.md.</summary>
public sealed partial class RetiredNamesTests
{
    private static readonly string[] Sources = ["src", "providers", "samples"];

    // Whole words, in whatever case, with the word to use.
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["lane"] = "claim",
        ["lanes"] = "claims",
        ["inFlight"] = "MaxConcurrentCalls",
        ["portion"] = "claimed work, part",
        ["portions"] = "claimed work, parts",
        ["verdict"] = "outcome rules",
        ["verdicts"] = "outcome rules",
        ["ItemCommit"] = "StateChange",
        ["waker"] = "TimerService",
        ["woken"] = "due timers",
        ["waking"] = "timers",
        ["WakeAsync"] = "TakeDueTimersAsync",
        ["tend"] = "reconcile",
        ["TendAsync"] = "ReconcileAsync",
        ["TendAsksAsync"] = "ReconcileRequestsAsync",
        ["TendMonthsAsync"] = "MaintainPartitionsAsync",
        ["unwanted"] = "unreferenced",
        ["recall"] = "recheck",
        ["unemptied"] = "undeleted",
        ["emptied_at"] = "deleted_at",
        ["asker"] = "waiter",
        ["askers"] = "waiters",
        ["ask_batch"] = "request_batch",
        ["ask_item"] = "request_item",
        ["entity_waits"] = "entity_waiters",
        ["Asks"] = "requests",
        ["AskBatch"] = "EntityRequestBatch",
        ["AskRequest"] = "EntityRequestSet",
        ["AskAsync"] = "RequestAsync",
        ["desk"] = "ExternalTasks",
        ["WorkerDesk"] = "ExternalTasks",
        ["handout"] = "claim",
        ["HandedWork"] = "ExternalTask",
        ["HandedItem"] = "ExternalTaskItem",
        ["LimitGate"] = "DistributedRateLimiter",
        ["LimitTurn"] = "RateLimitLease",
        ["LimitBlock"] = "PermitBlock",
        ["LimitSlot"] = "Permit",
        ["LimitAsk"] = "PermitRequest",
        ["limit_blocks"] = "permit_blocks",
        ["FairShare"] = "FairScheduler",
        ["DueLook"] = "DueBatchCache",
        ["HostSteps"] = "StepActivator",
        ["StoreCalls"] = "StoreRetry",
        ["HeldBytes"] = "ByteBudget",
        ["intake"] = "UploadReader",
        ["AnswerRoom"] = "AnswerBudget",
        ["HandRequest"] = "ResolveRequest",
        ["EndByHandAsync"] = "ResolveAsync",
        ["ByHand"] = "resolve",
        ["by_hand"] = "resolve",
        ["duty"] = "singleton task",
        ["duties"] = "singleton tasks",
        ["DutyLease"] = "SingletonLease",
        ["PostgreSqlBuilder"] = "PostgreSqlEnrichmentBuilderExtensions",
        ["SqliteBuilder"] = "SqliteEnrichmentBuilderExtensions",
    };

    // Plain English, where it is no name.
    private static readonly string[] Verbs = ["Asks", "tend", "intake", "recall"];

    [Fact]
    public void No_retired_name_stands_in_code_or_SQL()
    {
        var root = TestPaths.RepositoryRoot;
        var files = Sources
            .SelectMany(folder =>
                new[] { "*.cs", "*.sql" }.SelectMany(pattern =>
                    Directory.EnumerateFiles(Path.Combine(root, folder), pattern, SearchOption.AllDirectories)))
            .Where(file => !Generated().IsMatch(file));

        Faults.AssertNone(
            files.SelectMany(file =>
                Found(File.ReadAllText(file))
                    .Select(found => $"{Path.GetRelativePath(root, file)}({found.Line}): {found.Word}: say {Words[found.Word]}")));
    }

    // Of prose only nouns that plain English has no use for here.
    [Fact]
    public void No_retired_name_stands_in_the_documentation()
    {
        var root = TestPaths.RepositoryRoot;
        string[] words =
        [
            "lane",
            "lanes",
            "portion",
            "portions",
            "verdict",
            "verdicts",
            "waker",
            "asker",
            "askers",
            "desk",
            "handout",
            "intake",
            "duty",
            "duties",
            "asks",
        ];
        var pages = Sources
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "README.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(root, "README.md"))
            .Where(file => !Generated().IsMatch(file));

        Faults.AssertNone(
            pages.SelectMany(file =>
                File.ReadLines(file)
                    .SelectMany(
                        (line, index) =>
                            Word()
                                .Matches(line)
                                .Select(match => match.Value)
                                .Where(word =>
                                    words.Contains(word, StringComparer.OrdinalIgnoreCase)
                                    && (!Verbs.Contains(word, StringComparer.OrdinalIgnoreCase) || Noun().IsMatch(line)))
                                .Select(word => $"{Path.GetRelativePath(root, file)}({index + 1}): {word}: say {Words[word]}"))));
    }

    [Theory]
    [InlineData("var desk = 1;", "desk")]
    [InlineData("select asks from batches", "asks")]
    [InlineData("request.Asks", "Asks")]
    [InlineData("// Asks the store.", null)]
    [InlineData("-- whoever asks", null)]
    [InlineData("$\"The vendor asks to wait.\"", null)]
    [InlineData("-- a lane", "lane")]
    public void A_retired_name_is_found_and_a_verb_is_none(string line, string? word) =>
        Assert.Equal(word, Found(line).Select(found => found.Word).SingleOrDefault());

    private static IEnumerable<(int Line, string Word)> Found(string text) =>
        text.Split('\n')
            .SelectMany(
                (line, index) =>
                {
                    var names = Strings().Replace(Comment().Replace(line, ""), "");
                    return Word()
                        .Matches(line)
                        .Select(match => match.Value)
                        .Where(word =>
                            Words.ContainsKey(word)
                            && (!Verbs.Contains(word, StringComparer.OrdinalIgnoreCase) || Regex.IsMatch(names, $@"\b{word}\b")))
                        .Select(word => (index + 1, word));
                });

    [GeneratedRegex(@"[A-Za-z_]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(of|the|its|these) asks\b", RegexOptions.IgnoreCase)]
    private static partial Regex Noun();

    [GeneratedRegex(@"(//|--).*$")]
    private static partial Regex Comment();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Generated();
}
