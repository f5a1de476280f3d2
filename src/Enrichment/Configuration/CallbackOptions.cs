namespace Enrichment;

/// <summary>How this host is reached by vendors that answer later.</summary>
public sealed record CallbackOptions
{
    /// <summary>
    /// The address under which the world reaches the receiver, such as <c>https://leads.example.com/callbacks</c>: a token is put behind it
    /// for each call.
    /// </summary>
    /// <value>None: steps are given no address, and have to poll or to hand the token out themselves.</value>
    public Uri? Address { get; init; }

    /// <summary>How large the body of a delivery may be, in bytes.</summary>
    /// <value>1 MiB. From 1 KiB to 64 MiB.</value>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// How many bytes of deliveries are held at once, each from its first byte until it is stored or refused. Beyond it, the vendor of the
    /// delivery that has been arriving for longest is asked to deliver again; if all have arrived and wait for the store, that of the
    /// newest.
    /// </summary>
    /// <value>64 MiB.</value>
    public long QueueBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long the body of a delivery may take to arrive, from its first byte to its last. Longer is answered with 408.</summary>
    /// <value>10 seconds. From 1 second to 5 minutes.</value>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same options with the configured values.</summary>
    internal CallbackOptions With(SectionReader section) => this with
    {
        Address = section.Read(nameof(Address), otherwise: null) is { } address ? new(address, UriKind.RelativeOrAbsolute) : Address,
        MaxBodyBytes = section.Read(nameof(MaxBodyBytes), MaxBodyBytes),
        QueueBytes = section.Read(nameof(QueueBytes), QueueBytes),
        BodyTimeout = section.Read(nameof(BodyTimeout), BodyTimeout),
    };

    internal void Validate()
    {
        if (Problems($"{nameof(CallbackOptions)}.").ToList() is { Count: > 0 } problems)
        {
            throw new EnrichmentException(string.Join(Environment.NewLine, problems));
        }
    }

    /// <summary>The options that are out of range.</summary>
    /// <param name="prefix">The text before the name of an option.</param>
    internal IEnumerable<string> Problems(string prefix)
    {
        if (Address is { } address
            && (!address.IsAbsoluteUri
                || address.Scheme is not ("https" or "http")
                || address.Query.Length > 0
                || address.Fragment.Length > 0))
        {
            yield return $"{prefix}Address: '{address}' cannot be used. Expected an absolute http or https address without query and fragment, such as https://leads.example.com/callbacks.";
        }

        if (MaxBodyBytes is < 1024 or > 64 * 1024 * 1024)
        {
            yield return $"{prefix}MaxBodyBytes: expected 1024 to {64 * 1024 * 1024}, got {MaxBodyBytes}.";
        }

        if (QueueBytes < MaxBodyBytes)
        {
            yield return $"{prefix}QueueBytes: expected at least MaxBodyBytes, {MaxBodyBytes}, got {QueueBytes}.";
        }

        if (BodyTimeout < TimeSpan.FromSeconds(1) || BodyTimeout > TimeSpan.FromMinutes(5))
        {
            yield return $"{prefix}BodyTimeout: expected 1 second to 5 minutes, got {BodyTimeout}.";
        }
    }

    /// <summary>Where the answer to one attempt is to be delivered.</summary>
    internal Uri? AddressOf(string token) => Address is null ? null : new($"{Address.AbsoluteUri.TrimEnd('/')}/{token}");
}
