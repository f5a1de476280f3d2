namespace Enrichment.TestKit;

/// <summary>A snapshot differs from the approved one; the message shows where and how to approve it.</summary>
public sealed class SnapshotMismatchException : Exception
{
    private const int ShownLines = 40;

    internal SnapshotMismatchException(string? verified, string received, string verifiedFile, string receivedFile)
        : base(
            $"""
            {(verified is null ? "There is no approved snapshot yet" : "The text differs from the approved snapshot")}: {Path.GetFileName(
                verifiedFile)}
            {Differences(verified ?? "", received)}
            If the new text is right, approve it: mv '{receivedFile}' '{verifiedFile}'
            (or run the test with {Snapshot.AcceptVariable}=1), and commit the .verified.txt file.
            """)
    {
    }

    /// <summary>The lines between the common beginning and the common end: removed ones with -, new ones with +.</summary>
    private static string Differences(string verified, string received)
    {
        var before = verified.Split('\n');
        var after = received.Split('\n');
        var head = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        var shorter = Math.Min(before.Length, after.Length);
        var tail = before.Reverse().Zip(after.Reverse()).Take(shorter - head).TakeWhile(pair => pair.First == pair.Second).Count();
        string[] lines =
        [
            $"@@ line {head + 1} @@",
            .. before[head..^tail].Select(line => $"- {line}"),
            .. after[head..^tail].Select(line => $"+ {line}"),
        ];
        return lines.Length <= ShownLines
            ? string.Join('\n', lines)
            : $"{string.Join('\n', lines.Take(ShownLines))}\n… and {lines.Length - ShownLines} more lines";
    }
}
