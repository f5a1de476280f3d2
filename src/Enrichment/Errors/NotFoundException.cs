namespace Enrichment;

/// <summary>A client has no upload or no batch of an id, as a web API tells by 404. One of another client is not found either.</summary>
public sealed class NotFoundException : EnrichmentException
{
    internal NotFoundException(string message)
        : base(message)
    {
    }
}
