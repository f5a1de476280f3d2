namespace Enrichment;

/// <summary>An operation is not possible. The message tells its caller what is wrong, where, and how to correct it.</summary>
public class EnrichmentException : Exception
{
    /// <summary>Makes the exception.</summary>
    public EnrichmentException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public EnrichmentException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
