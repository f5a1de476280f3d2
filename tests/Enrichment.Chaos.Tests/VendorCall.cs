using System.Buffers.Text;
using System.Security.Cryptography;

namespace Enrichment.Chaos.Tests;

/// <summary>A call as the vendor saw it.</summary>
/// <param name="Vendor">Which of the two: <c>company</c> or <c>person</c>.</param>
/// <param name="Key">The idempotency key.</param>
/// <param name="Subject">What it asks about.</param>
/// <param name="Callback">Where the answer is wanted.</param>
/// <param name="At">When it came.</param>
/// <param name="Behaviour">What the vendor did with it.</param>
public sealed record VendorCall(string Vendor, string Key, string Subject, Uri Callback, DateTimeOffset At, VendorBehaviour Behaviour)
{
    /// <summary>The token in the address as the store keeps it, in hexadecimal: by this a call finds its attempt.</summary>
    public string TokenHash { get; } = Convert.ToHexStringLower(SHA256.HashData(Base64Url.DecodeFromChars(Callback.Segments[^1])));

    /// <summary>Whether the vendor said that it did no work.</summary>
    public bool WasTurnedDown => Behaviour.Act is VendorAct.Decline or VendorAct.Break;
}

/// <summary>An answer on its way.</summary>
/// <param name="Call">What it answers.</param>
/// <param name="Id">The vendor's id of the message.</param>
public sealed record VendorMessage(VendorCall Call, string Id)
{
    /// <summary>How many deliveries came to nothing: a connection that was refused or broke, or an answer that was no 2xx.</summary>
    public int Missed { get; set; }

    /// <summary>When it was acknowledged first: stored before that.</summary>
    public DateTimeOffset? AcknowledgedAt { get; set; }

    /// <summary>How often it was acknowledged.</summary>
    public int Acknowledged { get; set; }
}
