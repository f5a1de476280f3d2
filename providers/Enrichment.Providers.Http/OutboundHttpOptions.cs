using Enrichment.Providers.Http.Outbound;

namespace Enrichment.Providers.Http;

/// <summary>What calls outside may reach, and how much of anything they may take.</summary>
public sealed record OutboundHttpOptions
{
    /// <summary>
    /// Hosts inside the network that may be called nevertheless: names such as <c>vendor.internal</c>, addresses, or networks such as
    /// <c>10.1.0.0/16</c>. Such hosts may also be called without TLS.
    /// </summary>
    /// <value>Empty: only addresses of the public internet, over TLS.</value>
    /// <remarks>
    /// A name allows every address that it resolves to, except those where clouds serve their credentials (169.254.169.254 and the like);
    /// these have to be listed as addresses.
    /// </remarks>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>What messages call <see cref="Allow"/>, such as the flag of a tool.</summary>
    /// <value><c>OutboundHttpOptions.Allow</c>.</value>
    public string AllowedBy { get; init; } = $"{nameof(OutboundHttpOptions)}.{nameof(Allow)}";

    /// <summary>
    /// How long a call may take, from the resolution of the name to the last byte of the body, redirects and retries of reads included.
    /// </summary>
    /// <value>
    /// 55 seconds, so that the call explains itself before a step's 60 seconds are over. From 1 millisecond to 1 hour. A call that brings a
    /// deadline of its own, as those of declared steps do, has that.
    /// </value>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>How long connecting may take, its retries and TLS included.</summary>
    /// <value>10 seconds: a handshake across the world takes one. From 1 millisecond to 1 hour.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many bytes the headers of a response may have. Rounded up to whole KiB.</summary>
    /// <value>65,536, as in .NET. From 1,024 to 1,048,576.</value>
    public int MaxHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>How many bytes the body of a response may have, after decompression. It is held in memory.</summary>
    /// <value>4 MiB, four times what a result may have by default. From 1 to 1 GiB.</value>
    public int MaxBodyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How often connecting, or an idempotent read, is tried again inside one call. A sent request is never sent again, except a read.
    /// </summary>
    /// <value>2, after about 200 and 400 milliseconds: enough for a restarting server; longer waits are the engine's. From 0 to 5.</value>
    public int Retries { get; init; } = 2;

    /// <summary>Called with each finished exchange, redirects included; null: no observer.</summary>
    internal Action<OutboundExchange>? Watch { get; init; }

    /// <summary>The allow list, once everything has been found to be sound.</summary>
    /// <exception cref="ArgumentException">Something is out of its range; the message lists all of it.</exception>
    internal AllowList Checked()
    {
        var problems = new List<string>();
        var allow = AllowList.Parse(Allow, problems);
        Check(
            Deadline >= TimeSpan.FromMilliseconds(1) && Deadline <= TimeSpan.FromHours(1),
            $"{nameof(Deadline)} is {Deadline}: expected 1 millisecond to 1 hour.");
        Check(
            ConnectTimeout >= TimeSpan.FromMilliseconds(1) && ConnectTimeout <= TimeSpan.FromHours(1),
            $"{nameof(ConnectTimeout)} is {ConnectTimeout}: expected 1 millisecond to 1 hour.");
        Check(MaxHeaderBytes is >= 1024 and <= 1024 * 1024, $"{nameof(MaxHeaderBytes)} is {MaxHeaderBytes}: expected 1,024 to 1,048,576.");
        Check(MaxBodyBytes is >= 1 and <= 1024 * 1024 * 1024, $"{nameof(MaxBodyBytes)} is {MaxBodyBytes}: expected 1 to 1,073,741,824.");
        Check(Retries is >= 0 and <= 5, $"{nameof(Retries)} is {Retries}: expected 0 to 5.");
        return problems.Count == 0
            ? allow
            : throw new ArgumentException(
                "The options for calls outside cannot be used." + Environment.NewLine + string.Join(Environment.NewLine, problems));

        void Check(bool sound, string problem)
        {
            if (!sound)
            {
                problems.Add(problem);
            }
        }
    }
}
