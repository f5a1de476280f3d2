namespace Enrichment;

/// <summary>
/// A fault that a step explains itself. Its message is kept and shown to operators, so it holds no secret and no personal data; of any
/// other exception only the type is kept.
/// </summary>
public sealed class StepFaultException : InvalidOperationException
{
    /// <summary>Makes the exception without an explanation.</summary>
    public StepFaultException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and how to correct it.</param>
    public StepFaultException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and how to correct it.</param>
    /// <param name="innerException">What led to it; it is not kept.</param>
    public StepFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
