using Enrichment.Consolidation.Definitions;
using Enrichment.TestKit;

namespace Enrichment.Consolidation.Tests;

/// <summary>The words for reasons of issues have one home, and every page that lists them lists all.</summary>
public sealed class IssueReasonTests
{
    [Theory]
    [InlineData("docs/guide/projections.md", "`")]
    [InlineData("src/Enrichment.Sqlite/Migrations/0001_schema.sql", "")]
    [InlineData("src/Enrichment.PostgreSql/Migrations/0001_schema.sql", "")]
    [InlineData("src/Enrichment/Consolidation/ProjectionIssue.cs", "<c>|</c>")]
    public void Every_reason_is_listed(string file, string marks)
    {
        var text = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, file));
        var (before, after) = marks.Split('|') is [var begin, var end] ? (begin, end) : (marks, marks);
        Assert.All(IssueReason.All, reason => Assert.Contains($"{before}{reason.Word}{after}", text, StringComparison.Ordinal));
    }
}
