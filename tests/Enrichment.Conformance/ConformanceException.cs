namespace Enrichment.Conformance;

/// <summary>A store does not do what the port promises.</summary>
internal sealed class ConformanceException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ConformanceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public ConformanceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
