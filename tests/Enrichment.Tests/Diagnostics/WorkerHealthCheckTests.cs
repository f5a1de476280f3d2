using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Diagnostics;

public sealed class WorkerHealthCheckTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_worker_whose_loops_have_stopped_going_round_is_unhealthy()
    {
        using var telemetry = new Telemetry(time);
        var check = new WorkerHealthCheck(telemetry, new(new(), null, new(), null, [], NullLogger.Instance), null);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check)); // It has not begun.

        telemetry.Turned();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check));

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(check));

        telemetry.Turned();
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check));

        telemetry.TurnsEnded();
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check));
    }

    private static async Task<HealthStatus> StatusAsync(WorkerHealthCheck check) =>
        (await check.CheckHealthAsync(new() { Registration = new("enrichment-worker", check, HealthStatus.Unhealthy, []) })).Status;
}
