using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>
/// A client is made with its first upload. A name that is nearly that of another client is more likely a slip than a new client.
/// </summary>
internal sealed class NewClientOption
{
    private readonly Option<bool> create = new("--create-client")
    {
        Description = "Make the client although another one has nearly the same name.",
    };

    public void AddTo(Command command) => command.Options.Add(create);

    /// <exception cref="EnrichmentException">The client is new, and its name is near another's.</exception>
    public async Task CheckAsync(Session session, ParseResult parsed, StatusLine status, CancellationToken cancellationToken)
    {
        var known = await session.Engine.ListClientsAsync(cancellationToken);
        var slug = session.Client.Slug;
        if (known.Count == 0 || known.Contains(slug))
        {
            return;
        }

        if (Nearest.Of(slug, known) is { Count: > 0 } near && !parsed.GetValue(create))
        {
            throw new EnrichmentException(
                $"There is no client '{slug}'. Did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}? If it is a new client, add --create-client.");
        }

        status.Say($"Client '{slug}' is new.");
    }
}
