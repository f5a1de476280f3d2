namespace Enrichment.Testing;

/// <summary>A delivery does not prove itself as its step demands: a host would answer 401 and keep nothing of it.</summary>
public sealed class DeliveryRefusedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public DeliveryRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public DeliveryRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
