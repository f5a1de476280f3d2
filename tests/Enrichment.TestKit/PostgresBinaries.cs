using System.Globalization;

namespace Enrichment.TestKit;

/// <summary>The folder of a PostgreSQL installation that can make and run a cluster.</summary>
internal sealed record PostgresBinaries(string Folder)
{
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>
    /// Asks <c>pg_config</c>, then looks where Debian and Ubuntu install (newest version first), then along PATH.
    /// A folder counts only if it holds a server: client packages bring a <c>pg_config</c> too.
    /// </summary>
    /// <exception cref="PostgresMissingException">None was found.</exception>
    public static async Task<PostgresBinaries> FindAsync(CancellationToken cancellationToken)
    {
        string[] candidates = [.. await AskPgConfigAsync(cancellationToken), .. DistributionFolders(), .. PathFolders()];
        var folder = Array.Find(candidates, f => Array.TrueForAll(Needed, name => File.Exists(Path.Combine(f, name))));
        return folder is null ? throw new PostgresMissingException(candidates) : new PostgresBinaries(folder);
    }

    private static async Task<string[]> AskPgConfigAsync(CancellationToken cancellationToken)
    {
        if (!PathFolders().Any(folder => File.Exists(Path.Combine(folder, "pg_config"))))
        {
            return [];
        }

        try
        {
            var answer = await ShellCommand.RunAsync(["pg_config", "--bindir"], Path.GetTempPath(), cancellationToken);
            return [answer.Trim()];
        }
        catch (InvalidOperationException)
        {
            // Debian's wrapper of pg_config ends with an error where only client packages are installed: then it is no hint.
            return [];
        }
    }

    private static IEnumerable<string> DistributionFolders() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(folder =>
                    int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];

    private static string[] PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
}
