using System.Runtime.CompilerServices;

namespace Enrichment.TestKit;

/// <summary>
/// Approved text beside the test that produces it, in the files of Verify: <c>Class.Method.verified.txt</c> is
/// committed, <c>Class.Method.received.txt</c> appears when the text differs. See docs/decisions/0001-snapshots.md.
/// </summary>
public static class Snapshot
{
    /// <summary>Set to 1, every difference is approved: the verified files are written anew, to be read in review.</summary>
    public const string AcceptVariable = "ENRICHMENT_ACCEPT_SNAPSHOTS";

    /// <summary>
    /// Compares text with the approved snapshot of the calling test. Line ends do not count, nor do blank lines at the end.
    /// </summary>
    /// <param name="received">What the code produced now.</param>
    /// <param name="parameter">Tells the cases of a theory apart; becomes part of the file's name.</param>
    /// <param name="sourceFile">Filled in by the compiler: the test's file, named as its class.</param>
    /// <param name="method">Filled in by the compiler: the test's name.</param>
    /// <exception cref="SnapshotMismatchException">The text differs or was never approved.</exception>
    public static void Match(
        string received,
        string? parameter = null,
        [CallerFilePath] string sourceFile = "",
        [CallerMemberName] string method = "")
    {
        var name = $"{Path.GetFileNameWithoutExtension(sourceFile)}.{method}{(parameter is null ? "" : $"_{parameter}")}";
        var stem = Path.Combine(Path.GetDirectoryName(sourceFile)!, name);
        Match(Normalize(received), $"{stem}.verified.txt", $"{stem}.received.txt");
    }

    private static void Match(string received, string verifiedFile, string receivedFile)
    {
        var verified = File.Exists(verifiedFile) ? Normalize(File.ReadAllText(verifiedFile)) : null;
        if (received == verified)
        {
            File.Delete(receivedFile);
        }
        else if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.Delete(receivedFile);
            File.WriteAllText(verifiedFile, received);
        }
        else
        {
            File.WriteAllText(receivedFile, received);
            throw new SnapshotMismatchException(verified, received, verifiedFile, receivedFile);
        }
    }

    private static string Normalize(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n');
}
