using System.Globalization;
using Npgsql;

namespace Enrichment.TestKit;

/// <summary>
/// A throwaway PostgreSQL server of the caller's own, for tests that stop and start it. Tests that only need a database
/// use <see cref="PostgresDatabase"/>, which shares one server.
/// </summary>
/// <remarks>
/// It listens on a Unix socket in its own folder, so that clusters never meet on a port and a restart always gets its
/// address back. <c>fsync</c> is off unless set otherwise: a stop of the server loses nothing committed, a power cut may.
/// However the test process ends, a watchdog stops the server and removes the folder.
/// </remarks>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Superuser = "postgres";

    private readonly PostgresBinaries binaries;
    private readonly UnprivilegedUser? user;
    private readonly string folder;
    private readonly ServerWatchdog watchdog;

    private PostgresCluster(PostgresBinaries binaries, UnprivilegedUser? user, string folder)
    {
        this.binaries = binaries;
        this.user = user;
        this.folder = folder;
        watchdog = ServerWatchdog.Start(folder, As(binaries.PgCtl, "--pgdata", Data, "--mode", "immediate", "stop"));
    }

    /// <summary>The superuser's, to the database <c>postgres</c>; no password.</summary>
    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder
        {
            Host = folder,
            Username = Superuser,
            Database = "postgres",
        }.ConnectionString;

    /// <summary>The server's main process, while it runs.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(folder, "data");

    private string LogFile => Path.Combine(folder, "server.log");

    /// <summary>Makes a new cluster and waits until it accepts connections: about one second.</summary>
    /// <param name="settings">
    /// Lines of postgresql.conf that differ from the test kit's own; values as they stand there, quoted where the file wants it.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PostgresMissingException">This machine has no PostgreSQL binaries.</exception>
    public static async Task<PostgresCluster> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellationToken = default)
    {
        var binaries = await PostgresBinaries.FindAsync(cancellationToken);
        return await StartAsync(
            binaries,
            cluster => cluster.InitializeAsync(settings ?? new Dictionary<string, string>(), cancellationToken),
            cancellationToken);
    }

    /// <summary>
    /// Makes a standby of this server, to which it streams what it writes. From then on a commit here is acknowledged only when the standby
    /// shows it.
    /// </summary>
    public async Task<PostgresCluster> StartStandbyAsync(CancellationToken cancellationToken = default)
    {
        var standby = await StartAsync(
            binaries,
            async copy =>
            {
                await copy.RunAsync(
                    cancellationToken,
                    Path.Combine(binaries.Folder, "pg_basebackup"),
                    "--host",
                    folder,
                    "--username",
                    Superuser,
                    "--pgdata",
                    copy.Data,
                    "--write-recovery-conf",
                    "--checkpoint",
                    "fast",
                    "--no-sync");
                await copy.SettingsAsync($"unix_socket_directories = '{copy.folder}'\n", cancellationToken);
            },
            cancellationToken);

        // Only now, and here alone: a standby that becomes the server waits for nobody.
        await SettingsAsync("synchronous_standby_names = '*'\nsynchronous_commit = remote_apply\n", cancellationToken);
        await PgCtlAsync(cancellationToken, "reload");
        return standby;
    }

    /// <summary>Makes a standby the server, and waits until it takes writes.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken = default) => PgCtlAsync(cancellationToken, "promote");

    /// <summary>Stops the server as a crash would: connections break, nothing is flushed, the next start recovers from the log.</summary>
    public Task StopImmediatelyAsync(CancellationToken cancellationToken = default) =>
        PgCtlAsync(cancellationToken, "--mode", "immediate", "stop");

    /// <summary>Stops the server in good order, breaking open connections.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => PgCtlAsync(cancellationToken, "--mode", "fast", "stop");

    /// <summary>Starts a stopped server on the same data and address, and waits until it accepts connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await PgCtlAsync(cancellationToken, "--log", LogFile, "start");
        }
        catch (InvalidOperationException e) when (File.Exists(LogFile))
        {
            throw new InvalidOperationException(
                $"{e.Message}\nThe server's log:\n{await File.ReadAllTextAsync(LogFile, cancellationToken)}",
                e);
        }
    }

    /// <summary>One crash and recovery: <see cref="StopImmediatelyAsync"/>, then <see cref="StartAgainAsync"/>.</summary>
    public async Task RestartImmediatelyAsync(CancellationToken cancellationToken = default)
    {
        await StopImmediatelyAsync(cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Runs a client program of the same installation, such as <c>pgbench</c>, and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public Task<string> RunToolAsync(string name, params string[] arguments) =>
        ShellCommand.RunAsync([Path.Combine(binaries.Folder, name), .. arguments], Path.GetTempPath(), CancellationToken.None);

    /// <summary>Stops the server and removes every trace of it.</summary>
    public ValueTask DisposeAsync() => watchdog.DisposeAsync();

    private static async Task<PostgresCluster> StartAsync(
        PostgresBinaries binaries,
        Func<PostgresCluster, Task> fill,
        CancellationToken cancellationToken)
    {
        var user = UnprivilegedUser.ForCaller();
        var folder = Directory.CreateTempSubdirectory("enrichment-pg-").FullName;
        if (user is not null)
        {
            await ShellCommand.RunAsync(["chown", $"{user.Uid}:{user.Gid}", folder], folder, cancellationToken);
        }

        var cluster = new PostgresCluster(binaries, user, folder);
        try
        {
            await fill(cluster);
            await cluster.StartAgainAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private async Task InitializeAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        await RunAsync(
            cancellationToken,
            binaries.Initdb,
            "--pgdata",
            Data,
            "--username",
            Superuser,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync");
        await SettingsAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""

            listen_addresses = ''
            unix_socket_directories = '{folder}'
            fsync = off
            full_page_writes = off
            max_connections = 200

            """) + string.Concat(settings.Select(pair => $"{pair.Key} = {pair.Value}\n")), cancellationToken);
    }

    // Later lines of the file win.
    private Task SettingsAsync(string lines, CancellationToken cancellationToken) =>
        File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), lines, cancellationToken);

    private Task<string> PgCtlAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(cancellationToken, [binaries.PgCtl, "--pgdata", Data, "--wait", "--timeout", "60", .. arguments]);

    private Task<string> RunAsync(CancellationToken cancellationToken, params string[] command) =>
        ShellCommand.RunAsync(As(command), folder, cancellationToken);

    private string[] As(params string[] command) => user?.Run(folder, command) ?? command;
}
