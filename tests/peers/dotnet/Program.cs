using System.Globalization;
using Npgsql;

IPeer[] peers = [new WolverinePeer(), new HangfirePeer()];
if (args is not [var name, "--items", var count]
    || Array.Find(peers, peer => peer.Name == name) is not { } peer
    || !int.TryParse(count, CultureInfo.InvariantCulture, out var items) || items < 1
    || Environment.GetEnvironmentVariable("PEER_POSTGRES") is not { Length: > 0 } postgres)
{
    await Console.Error.WriteLineAsync(
        $"Usage: PEER_POSTGRES=postgresql://user@host:port/database Peers {string.Join('|', peers.Select(peer => peer.Name))} --items N"
    );
    return 2;
}

// On two cores the pool starts with two threads and adds one or two a second: handlers that block would wait for threads, and the rate
// would be the harness's.
ThreadPool.SetMinThreads(64, 64);
var uri = new Uri(postgres);
var user = uri.UserInfo.Split(':');
// Npgsql's own advice on speed: without these each return to the pool costs a transaction of its own, and each statement is planned anew.
var connectionString = new NpgsqlConnectionStringBuilder
{
    Host = uri.Host,
    Port = uri.Port > 0 ? uri.Port : 5432,
    Username = Uri.UnescapeDataString(user[0]),
    Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
    Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
    NoResetOnClose = true,
    MaxAutoPrepare = 50,
}.ConnectionString;
Console.WriteLine(
    (await new Measurement(peer, connectionString).RunAsync(items)).ToJsonString(
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
return 0;
