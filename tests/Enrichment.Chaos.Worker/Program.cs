using System.Globalization;
using System.Runtime.InteropServices;
using Enrichment.Chaos.Worker;
using Microsoft.Extensions.Logging;

// Usage: Enrichment.Chaos.Worker STORE LEDGER_FOLDER CLAIM_SIZE
//        Enrichment.Chaos.Worker tables STORE LEDGER_FOLDER CLAIM_SIZE
//        Enrichment.Chaos.Worker operate STORE LEDGER_FOLDER SEED ACTS
//        Enrichment.Chaos.Worker change STORE LEDGER_FOLDER JOURNAL GENERATION ACT
//        Enrichment.Chaos.Worker leads CONNECTION PORT VENDOR
//        Enrichment.Chaos.Worker limited CONNECTION VENDOR
// STORE is sqlite:PATH or postgres:CONNECTION. Works until SIGTERM, then drains and ends with 0; an operator ends after its acts. Logs go
// to standard error.
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

if (args is ["operate", var operated, var folder, var seed, var acts])
{
    using var none = Ledger.Open(folder);
    await using var desk = ChaosEngine.Create(operated, none, claimSize: 1, Log, ChaosEngine.Companies);
    Console.WriteLine($"ready {Environment.ProcessId}");
    await Operator.ActAsync(desk, int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(acts, CultureInfo.InvariantCulture), stop.Token);
    return 0;
}

if (args is ["change", var changed, var notes, var journal, var generation, var act])
{
    var definition = int.Parse(generation, CultureInfo.InvariantCulture);
    using var none = Ledger.Open(notes);
    await using var host = ChaosEngine.Create(changed, none, claimSize: 1, Log, ChangedTable.Of(definition));
    await using var file = TransactionJournal.Begin(journal);
    Console.WriteLine($"ready {Environment.ProcessId}");
    await ChangedTable.ActAsync(new TransactionJournal(host.Store, file), definition, act, stop.Token);
    return 0;
}

var table = args switch { ["tables", ..] => ChaosEngine.Companies, ["changed", ..] => ChaosEngine.Changed, _ => null };
if ((table is not null ? args[1..] : args) is not [var store, var ledgers, var claimSize])
{
    Console.Error.WriteLine(
        "Expected sqlite:PATH or postgres:CONNECTION, the folder of the ledgers, and the claim size; or one of the other modes, which stand in Program.cs.");
    return 2;
}

using var ledger = Ledger.Open(ledgers);
await using var engine = ChaosEngine.Create(store, ledger, int.Parse(claimSize, CultureInfo.InvariantCulture), Log, table);
await engine.MigrateAsync(stop.Token);
Console.WriteLine($"ready {Environment.ProcessId}");
await engine.RunAsync(stop.Token);
return 0;

static void Log(ILoggingBuilder log) =>
    log.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Information);
