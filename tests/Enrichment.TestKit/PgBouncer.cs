using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Enrichment.TestKit;

/// <summary>
/// A throwaway PgBouncer in transaction mode before one server: after every transaction a client's next statement may go to another server
/// connection.
/// </summary>
/// <remarks>
/// It listens on a Unix socket in its own folder. However the test process ends, a watchdog kills the pooler and removes the folder.
/// </remarks>
public sealed class PgBouncer : IAsyncDisposable
{
    private readonly string program;
    private readonly UnprivilegedUser? user;
    private readonly string folder;
    private readonly string server;
    private readonly ServerWatchdog watchdog;
    private Process? process;

    private PgBouncer(string program, UnprivilegedUser? user, string folder, string server)
    {
        this.program = program;
        this.user = user;
        this.folder = folder;
        this.server = server;
        watchdog = ServerWatchdog.Start(folder, ["sh", "-c", "kill -KILL \"$(cat \"$0\")\"", PidFile]);
    }

    /// <summary>To the server's database through the pooler, as the server's user.</summary>
    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder
        {
            Host = folder,
            Port = 6432,
            Database = Server.Database,
            Username = Server.Username,
        }.ConnectionString;

    private NpgsqlConnectionStringBuilder Server => new(server);

    private string Settings => Path.Combine(folder, "pgbouncer.ini");

    private string UserFile => Path.Combine(folder, "userlist.txt");

    private string PidFile => Path.Combine(folder, "pgbouncer.pid");

    private string LogFile => Path.Combine(folder, "pgbouncer.log");

    /// <summary>Starts a pooler and waits until it serves.</summary>
    /// <param name="serverConnectionString">The server behind it.</param>
    /// <param name="serverConnections">How many connections it keeps to each database, however many clients there are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">This machine has no PgBouncer, or it does not serve; the message says why.</exception>
    public static async Task<PgBouncer> StartAsync(
        string serverConnectionString,
        int serverConnections,
        CancellationToken cancellationToken = default)
    {
        var program = Find();
        var user = UnprivilegedUser.ForCaller();
        var folder = Directory.CreateTempSubdirectory("enrichment-pooler-").FullName;
        var pooler = new PgBouncer(program, user, folder, serverConnectionString);
        try
        {
            await File.WriteAllTextAsync(pooler.Settings, pooler.Ini(serverConnections), cancellationToken);
            await File.WriteAllTextAsync(pooler.UserFile, pooler.Users, cancellationToken);
            if (user is not null)
            {
                await ShellCommand.RunAsync(["chown", "-R", $"{user.Uid}:{user.Gid}", folder], folder, cancellationToken);
            }

            await pooler.StartAgainAsync(cancellationToken);
            return pooler;
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the pooler: every connection of its clients and to the server breaks at once.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        process!.Kill();
        await process.WaitForExitAsync(cancellationToken);
        process.Dispose();
    }

    /// <summary>Starts a killed pooler at the same address, and waits until it serves.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        string[] command = [program, "--quiet", Settings];
        command = user?.Run(folder, command) ?? command;
        process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder });
        await Wait.UntilAsync(
            async () => await RefusalAsync(cancellationToken) is null,
            "PgBouncer serves",
            () => File.ReadAllText(LogFile));
    }

    /// <summary>Kills the pooler and removes every trace of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await watchdog.DisposeAsync();
        process?.Dispose();
    }

    private static string Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/sbin") // where distributions install it, and where users seldom look
            .Select(folder => Path.Combine(folder, "pgbouncer"))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            "This test needs PgBouncer and found none. Run ./test.sh --interop, which installs the distribution's package where it may, or install it yourself: sudo apt-get install pgbouncer (it need not be started).");

    private async Task<Exception?> RefusalAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return null;
        }
        catch (NpgsqlException exception)
        {
            return exception;
        }
    }

    // Whoever reaches the folder may connect; the user file serves to log in to the server.
    private string Users => $"{Quoted(Server.Username)} {Quoted(Server.Password)}\n";

    // A server that was away is asked again at once, not after the usual 15 seconds.
    private string Ini(int serverConnections) => string.Create(CultureInfo.InvariantCulture,
        $"""
        [databases]
        * = host={Server.Host} port={Server.Port}

        [pgbouncer]
        listen_port = 6432
        unix_socket_dir = {folder}
        logfile = {LogFile}
        pidfile = {PidFile}
        auth_type = trust
        auth_file = {UserFile}
        pool_mode = transaction
        default_pool_size = {serverConnections}
        max_client_conn = 500
        server_login_retry = 0.1

        """);

    private static string Quoted(string? value) => $"\"{value?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
