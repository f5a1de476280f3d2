using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>What the vendor does with a call.</summary>
public enum VendorAct
{
    /// <summary>Accepts it, works, and delivers the answer.</summary>
    Answer,

    /// <summary>Delivers the answer before it accepts the call.</summary>
    AnswerBeforeAccepting,

    /// <summary>Delivers the answer twice.</summary>
    AnswerTwice,

    /// <summary>Accepts it, and never answers.</summary>
    Silence,

    /// <summary>Answers after the step's deadline.</summary>
    AnswerLate,

    /// <summary>Answers 429 with Retry-After: no work was done.</summary>
    Decline,

    /// <summary>Answers 500: no work was done.</summary>
    Break,
}

/// <summary>What the vendor does with each call: seeded, so that a run that fails can be run again.</summary>
public sealed record VendorBehaviour(VendorAct Act, TimeSpan Works, bool SameId)
{
    // From the fourth call on it behaves, so that no item's tries run out.
    private const int Patience = 4;

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(LeadsEngine.DeadlineSeconds + 3);

    /// <summary>The behaviour at the so-manieth call about a subject.</summary>
    public static VendorBehaviour Of(VendorManners manners, int seed, string vendor, string subject, int call)
    {
        var hash = SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{vendor}/{subject}/{call}")));
        var act = call >= Patience ? VendorAct.Answer : manners.Act((int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % 100));
        var works = TimeSpan.FromMilliseconds(5 + (BinaryPrimitives.ReadUInt32LittleEndian(hash.AsSpan(4)) % 496));
        return new(act, act == VendorAct.AnswerLate ? Late + works : works, SameId: hash[8] % 2 == 0);
    }
}
