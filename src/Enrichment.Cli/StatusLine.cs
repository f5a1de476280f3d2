using System.CommandLine;
using System.Runtime.CompilerServices;
using Enrichment.Cli.Commands;
using Enrichment.Cli.Files;
using Spectre.Console;

namespace Enrichment.Cli;

/// <summary>What happens meanwhile, on standard error: live on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class StatusLine(ParseResult parsed)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(200);
    private readonly TextWriter error = parsed.InvocationConfiguration.Error;
    private readonly IAnsiConsole terminal = AnsiConsole.Create(
        new() { Out = new AnsiConsoleOutput(parsed.InvocationConfiguration.Error) });

    private bool IsLive => !Console.IsErrorRedirected && terminal.Profile.Capabilities.Ansi;

    public void Say(string line) => error.WriteLine(Visible.Text(Hints.In(line, parsed)));

    /// <summary>Something to look at, which is no failure.</summary>
    public void Warn(string line) => Say($"warning: {line}");

    /// <summary>Shows that a phase is under way, and how far, while it is: nothing stays of it.</summary>
    /// <param name="what">The name of the phase.</param>
    /// <param name="detail">How far it is; null if that cannot be told.</param>
    /// <param name="work">Does it.</param>
    public async Task<T> DuringAsync<T>(string what, Func<string>? detail, Func<Task<T>> work)
    {
        // On a thread of its own: a store in this process may do all of it before it returns.
        var running = Task.Run(work);
        if (IsLive)
        {
            await terminal.Status().StartAsync(Markup.Escape(what), context =>
                UntilAsync(running, LiveInterval, () => context.Status(Markup.Escape(Visible.Line(Describe())))));
        }
        else
        {
            await UntilAsync(running, PlainInterval, () => Say(Describe()));
        }

        return await running;

        string Describe() => detail is null ? what : $"{what}: {detail()}";
    }

    /// <summary>Shows how a batch gets on until the work on it has ended.</summary>
    public async Task FollowAsync(EnrichmentClient client, Guid batch, Func<Task> work)
    {
        var pace = new Pace();
        using var ended = new CancellationTokenSource();
        var following = IsLive ? DrawAsync(client, batch, pace, ended.Token) : TellAsync(client, batch, pace, ended.Token);
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

    private static async Task UntilAsync(Task running, TimeSpan interval, Action show)
    {
        while (await Task.WhenAny(running, Task.Delay(interval, TimeProvider.System, CancellationToken.None)) != running)
        {
            show();
        }
    }

    private async Task DrawAsync(EnrichmentClient client, Guid batch, Pace pace, CancellationToken ended)
    {
        await terminal.Progress().Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
        {
            var bar = context.AddTask("starting", maxValue: 1);
            await foreach (var progress in LookAsync(client, batch, LiveInterval, ended))
            {
                bar.Value = progress.Share;
                bar.Description = Markup.Escape(Visible.Line(pace.Describe(progress)));
            }
        });
    }

    private async Task TellAsync(EnrichmentClient client, Guid batch, Pace pace, CancellationToken ended)
    {
        await foreach (var progress in LookAsync(client, batch, PlainInterval, ended))
        {
            var words = pace.Describe(progress);
            if (progress.Share > 0)
            {
                Say(words);
            }
        }
    }

    // Once for each time that a vendor takes no more calls: the count does not move meanwhile, for 15 minutes or for ever.
    private void Explain(BatchProgress progress, HashSet<(string, string?)> told)
    {
        var stopped = progress.Stages.Where(Pace.IsStopped).ToDictionary(stage => (stage.Limit!.Name, stage.Limit.Reason), Statuses.Held);
        told.IntersectWith(stopped.Keys);
        foreach (var (limit, why) in stopped.Where(held => told.Add(held.Key)))
        {
            Say(why!);
        }
    }

    // The display only reads: if the store does not answer, the work waits for it or fails by itself, and the display shows nothing new.
    private async IAsyncEnumerable<BatchProgress> LookAsync(
        EnrichmentClient client,
        Guid batch,
        TimeSpan interval,
        [EnumeratorCancellation] CancellationToken ended)
    {
        var away = false;
        HashSet<(string, string?)> told = [];
        while (true)
        {
            var last = ended.IsCancellationRequested;
            var (progress, wasAway) = (default(BatchProgress), away);
            try
            {
                progress = await client.GetProgressAsync(batch, CancellationToken.None);
                away = false;
            }
            catch (Exception exception) when (Failure.Of(exception).ExitCode == ExitCode.StoreUnreachable)
            {
                away = true;
            }

            if (away && !wasAway)
            {
                Say("The store does not answer. Answers in hand are kept until it does.");
            }

            if (progress is not null)
            {
                Explain(progress, told);
                yield return progress;
            }

            if (last || progress is { Batch.HasEnded: true })
            {
                yield break;
            }

            await Task.Delay(interval, TimeProvider.System, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
