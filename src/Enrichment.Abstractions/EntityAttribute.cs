namespace Enrichment;

/// <summary>
/// Declares that a step's answer is about an entity, such as a company: items with the same entity share one call, and its answer serves
/// later items while it is fresh. The call gets only the fields of <c>Reads</c>, those of the item that requested it first.
/// </summary>
/// <param name="kind">
/// Makes keys canonical: <c>company</c> by domain, business e-mail address or page on LinkedIn; <c>person</c> by public profile on
/// LinkedIn or own e-mail address; <c>email</c> by address; any other by the text, ignoring case and surrounding blanks.
/// </param>
/// <param name="keys">The fields of <c>Reads</c> that may hold the key: the first one that gives a key is used.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EntityAttribute(string kind, params string[] keys) : Attribute
{
    /// <summary>How keys are made canonical.</summary>
    public string Kind { get; } = kind;
    /// <summary>The fields that may hold the key.</summary>
    public string[] Keys { get; } = keys;
    /// <summary>
    /// For the kind <c>person</c>: the fields of <c>Reads</c> that may hold the key of the person's company. With them a full name in one
    /// of the <see cref="Keys"/> is a key together with the company, if none of them gives a stronger one. Default: none.
    /// </summary>
    public string[] CompanyKeys { get; set; } = [];
    /// <summary>
    /// For how many days a stored answer serves later items. Default: 30. At most 366; settings of workstreams, pipelines, clients and
    /// batches may say otherwise.
    /// </summary>
    public double FreshDays { get; set; } = 30;
    /// <summary>The same for an answer that nothing was found. Default: 7.</summary>
    public double FreshNotFoundDays { get; set; } = 7;
    /// <summary>
    /// True if an item from which no key can be made gets a call of its own. Default: false, it is skipped with the reason.
    /// </summary>
    public bool CallsWithoutKey { get; set; }
    /// <summary>
    /// True if nothing that the step reads is a client's own data, so clients that allow it may share answers. Default: false.
    /// </summary>
    public bool MayBeShared { get; set; }
}

/// <summary>What a step's answers are about, as <see cref="EntityAttribute"/> declares it.</summary>
/// <param name="Kind">How keys are made canonical.</param>
/// <param name="Keys">The fields that may hold the key.</param>
public sealed record StepEntity(string Kind, IReadOnlyList<string> Keys)
{
    /// <summary>For a person: the fields that may hold the key of the company, so that a name in it is a key.</summary>
    public IReadOnlyList<string> CompanyKeys { get; init; } = [];
    /// <summary>How long a stored answer serves. Default: 30 days.</summary>
    public TimeSpan Fresh { get; init; } = TimeSpan.FromDays(30);
    /// <summary>How long an answer serves that nothing was found. Default: 7 days.</summary>
    public TimeSpan FreshNotFound { get; init; } = TimeSpan.FromDays(7);
    /// <summary>Whether an item without a key gets a call of its own.</summary>
    public bool CallsWithoutKey { get; init; }
    /// <summary>Whether clients may share answers.</summary>
    public bool MayBeShared { get; init; }

    internal static StepEntity Of(EntityAttribute declared) =>
        new(declared.Kind, declared.Keys)
        {
            CompanyKeys = declared.CompanyKeys,
            Fresh = TimeSpan.FromDays(declared.FreshDays),
            FreshNotFound = TimeSpan.FromDays(declared.FreshNotFoundDays),
            CallsWithoutKey = declared.CallsWithoutKey,
            MayBeShared = declared.MayBeShared,
        };
}
