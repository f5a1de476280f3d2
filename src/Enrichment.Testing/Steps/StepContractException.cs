namespace Enrichment.Testing;

/// <summary>A step does what its <see cref="EnrichmentStepAttribute"/> does not declare.</summary>
public sealed class StepContractException : Exception
{
    /// <summary>Makes the exception.</summary>
    public StepContractException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public StepContractException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
