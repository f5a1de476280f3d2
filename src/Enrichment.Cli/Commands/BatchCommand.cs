using System.CommandLine;
using Enrichment.Consolidation;

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

    /// <summary>
    /// For a command that only shows something: without a batch it is the client's youngest. To be called after the command's other
    /// arguments are there.
    /// </summary>
    protected void LastUnlessGiven()
    {
        Arguments.Remove(batch);
        Arguments.Add(batch);
        batch.Description = BatchId.Description + " Without it: 'last'.";
        batch.DefaultValueFactory = _ => BatchId.Last;
    }

    protected sealed override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = Prepare(parsed);
        await using var session = await Session.OpenAsync(parsed, cancellationToken, table);
        return await RunAsync(
            session,
            await BatchId.FindAsync(session.Client, parsed.GetRequiredValue(batch), cancellationToken),
            parsed,
            cancellationToken);
    }

    /// <summary>
    /// Finds out what can be told to be wrong before the store is opened. Returns the projection that the command needs, if any.
    /// </summary>
    protected virtual Projection? Prepare(ParseResult parsed) => null;

    protected abstract Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken);
}
