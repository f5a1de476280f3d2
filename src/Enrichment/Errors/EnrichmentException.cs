namespace Enrichment;

/// <summary>What was asked cannot be done; the message says what, where and how to mend it, in words for the person who asked.</summary>
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
