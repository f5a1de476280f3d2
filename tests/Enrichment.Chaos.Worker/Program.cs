using System.Globalization;
using System.Runtime.InteropServices;
using Enrichment.Chaos.Worker;
using Microsoft.Extensions.Logging;

// Usage: Enrichment.Chaos.Worker STORE LEDGER_FOLDER CLAIM_SIZE
//        Enrichment.Chaos.Worker leads CONNECTION PORT VENDOR
//        Enrichment.Chaos.Worker limited CONNECTION VENDOR
// STORE is sqlite:PATH or postgres:CONNECTION. Works until SIGTERM, then drains and ends with 0. Logs go to standard error.
if (args is ["leads", var connection, var port, var vendor])
{
    await LeadsHost.RunAsync(connection, int.Parse(port, CultureInfo.InvariantCulture), new(vendor));
    return 0;
}

using var stop = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true; // The process ends by itself, once it has drained.
    stop.Cancel();
});
if (args is ["limited", var shared, var address])
{
    await using var limited = LimitedEngine.Create(shared, new(address), Log);
    Console.WriteLine($"ready {Environment.ProcessId}");
    await limited.RunAsync(stop.Token);
    return 0;
}

if (args.Length != 3)
{
    Console.Error.WriteLine("Expected sqlite:PATH or postgres:CONNECTION, the folder of the ledgers, and the claim size; or leads, a connection string, a port, and the vendor's address.");
    return 2;
}

using var ledger = Ledger.Open(args[1]);
await using var engine = ChaosEngine.Create(
    args[0],
    ledger,
    int.Parse(args[2], CultureInfo.InvariantCulture),
    Log);
await engine.MigrateAsync(stop.Token);
Console.WriteLine($"ready {Environment.ProcessId}");
await engine.RunAsync(stop.Token);
return 0;

static void Log(ILoggingBuilder log) => log.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Information);
