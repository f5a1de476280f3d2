namespace Enrichment.Providers.Http;

/// <summary>
/// A call outside that has no answer. Its texts name the host only: path, query and user info may hold secrets or personal data.
/// </summary>
public sealed class OutboundException : HttpRequestException
{
    /// <summary>Makes the exception without knowledge of the call.</summary>
    public OutboundException()
        : this(OutboundFault.Broken, workMayBeDone: true, "The call failed.")
    {
    }

    /// <summary>Makes the exception without knowledge of the call.</summary>
    public OutboundException(string message)
        : this(OutboundFault.Broken, workMayBeDone: true, message)
    {
    }

    /// <summary>Makes the exception without knowledge of the call.</summary>
    public OutboundException(string message, Exception innerException)
        : this(OutboundFault.Broken, workMayBeDone: true, message, innerException)
    {
    }

    internal OutboundException(OutboundFault fault, bool workMayBeDone, string message, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        WorkMayBeDone = workMayBeDone;
    }

    /// <summary>What went wrong.</summary>
    public OutboundFault Fault { get; }

    /// <summary>
    /// True if the request may have left and the vendor may have acted on it: such a call must not be repeated unless repeating is safe.
    /// Never true of a read.
    /// </summary>
    public bool WorkMayBeDone { get; }

    /// <summary>Advice for the author of the settings. Not for a call that a vendor's redirect led elsewhere.</summary>
    internal string? Advice { get; init; }
}
