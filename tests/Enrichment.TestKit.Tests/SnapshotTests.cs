namespace Enrichment.TestKit.Tests;

public sealed class SnapshotTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("enrichment-snapshot-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Approved_text_passes_whatever_its_line_ends()
    {
        File.WriteAllText(Verified, "one\r\ntwo\r\n");

        Match("one\ntwo");

        Assert.False(File.Exists(Received));
    }

    [Fact]
    public void Text_that_differs_fails_with_the_differing_lines_and_leaves_the_received_file()
    {
        File.WriteAllText(Verified, "one\ntwo\nthree");

        var error = Assert.Throws<SnapshotMismatchException>(() => Match("one\n2\nthree"));

        Assert.Contains("@@ line 2 @@\n- two\n+ 2\n", error.Message, StringComparison.Ordinal);
        Assert.Contains($"mv '{Received}' '{Verified}'", error.Message, StringComparison.Ordinal);
        Assert.Equal("one\n2\nthree", File.ReadAllText(Received));
        Assert.Equal("one\ntwo\nthree", File.ReadAllText(Verified));
    }

    [Fact]
    public void Text_that_nobody_approved_fails()
    {
        var error = Assert.Throws<SnapshotMismatchException>(() => Match("new"));

        Assert.StartsWith("There is no approved snapshot yet: Class.Method_case.verified.txt", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Verified));
    }

    [Fact]
    public void A_later_match_removes_the_received_file()
    {
        Assert.Throws<SnapshotMismatchException>(() => Match("right"));
        File.Move(Received, Verified);
        Assert.Throws<SnapshotMismatchException>(() => Match("wrong"));

        Match("right");

        Assert.False(File.Exists(Received));
    }

    private string Verified => Path.Combine(folder, "Class.Method_case.verified.txt");

    private string Received => Path.Combine(folder, "Class.Method_case.received.txt");

    private void Match(string text) => Snapshot.Match(text, "case", Path.Combine(folder, "Class.cs"), "Method");
}
