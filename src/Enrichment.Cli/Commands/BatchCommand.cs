using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>A command on one batch.</summary>
internal abstract class BatchCommand : CliCommand
{
    private readonly Argument<string> batch = new("BATCH") { Description = BatchId.Description };

    protected BatchCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Arguments.Add(batch);
    }

    protected sealed override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Prepare(parsed);
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        return await RunAsync(session, await BatchId.FindAsync(session.Client, parsed.GetRequiredValue(batch), cancellationToken), parsed, cancellationToken);
    }

    /// <summary>What can be told to be wrong before the store is opened.</summary>
    protected virtual void Prepare(ParseResult parsed)
    {
    }

    protected abstract Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken);
}
