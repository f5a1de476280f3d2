using System.CommandLine;
using Spectre.Console;

namespace Enrichment.Cli;

/// <summary>What happens meanwhile, on standard error: a live bar on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class StatusLine(ParseResult parsed)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly TextWriter error = parsed.InvocationConfiguration.Error;
    private readonly IAnsiConsole terminal = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(parsed.InvocationConfiguration.Error) });

    private static bool IsTerminal => !Console.IsErrorRedirected;

    public void Say(string line) => error.WriteLine(line);

    /// <summary>Shows how a batch gets on until the work on it has ended.</summary>
    public async Task FollowAsync(EnrichmentClient client, Guid batch, Func<Task> work)
    {
        var pace = new Pace(await client.ProgressAsync(batch));
        using var ended = new CancellationTokenSource();
        var following = IsTerminal && terminal.Profile.Capabilities.Ansi ? DrawAsync(client, batch, pace, ended.Token) : TellAsync(client, batch, pace, ended.Token);
        try
        {
            await work();
        }
        finally
        {
            await ended.CancelAsync();
            await following;
        }
    }

    private async Task DrawAsync(EnrichmentClient client, Guid batch, Pace pace, CancellationToken ended)
    {
        await terminal.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }).StartAsync(async context =>
        {
            var bar = context.AddTask("starting", maxValue: 1);
            try
            {
                await foreach (var progress in client.WatchAsync(batch, cancellationToken: ended))
                {
                    bar.Value = progress.Share;
                    bar.Description = Markup.Escape(pace.Describe(progress));
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                var last = await client.ProgressAsync(batch, CancellationToken.None);
                bar.Value = last.Share;
                bar.Description = Markup.Escape(pace.Describe(last));
            }
        });
    }

    private async Task TellAsync(EnrichmentClient client, Guid batch, Pace pace, CancellationToken ended)
    {
        try
        {
            await foreach (var progress in client.WatchAsync(batch, PlainInterval, ended))
            {
                if (progress.Share > 0)
                {
                    Say($"{progress.Share:p0} {pace.Describe(progress)}");
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            Say(pace.Describe(await client.ProgressAsync(batch, CancellationToken.None)));
        }
    }
}
