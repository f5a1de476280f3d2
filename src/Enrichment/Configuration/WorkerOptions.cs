namespace Enrichment;

/// <summary>How a host works.</summary>
/// <remarks>
/// Where <see cref="EnrichmentBuilder.Configure"/> reads them from a configuration that changes while the host runs, a change of
/// <see cref="MaxConcurrentClaims"/>, <see cref="MaxConcurrentCalls"/>, <see cref="ClaimSize"/>, <see cref="CommitDelay"/>,
/// <see cref="PollInterval"/>, <see cref="SweepInterval"/> and <see cref="DrainTimeout"/> takes effect at once, of the others at the next
/// start.
/// </remarks>
public sealed record WorkerOptions
{
    /// <summary>
    /// How many intervals of one client are worked on in parallel: claimed, processed, written. Each needs a connection from time to time,
    /// and memory for its records.
    /// </summary>
    /// <remarks>
    /// A claim no longer counts once its calls only wait for their answers. One more is kept for a client that has no claim, so that client
    /// need not wait for another client's interval.
    /// </remarks>
    /// <value>2: while one writes, the other computes. From 1 to 64.</value>
    public int MaxConcurrentClaims { get; init; } = 2;

    /// <summary>How long a host keeps claimed work without a renewal, by the store's clock.</summary>
    /// <value>30 seconds, renewed every third of it: a dead host is noticed after three missed renewals. From 1 second to 1 hour.</value>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many items one lease covers.</summary>
    /// <value>1,000: larger ones gained nothing when measured. From 1 to 10,000.</value>
    public int ClaimSize { get; init; } = 1000;

    /// <summary>
    /// A bound on the bytes of uploaded rows that a claim reads at once. The rows whose calls only wait for their answers have the same
    /// bound, all together.
    /// </summary>
    /// <value>8 MiB.</value>
    public long ClaimBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// How many calls, polls included, the host has in flight at once, over all ranges, batches and clients. Vendors' rate limits bound
    /// them too.
    /// </summary>
    /// <remarks>
    /// One client alone may have seven eighths of them. The rest is kept for a client that has few calls in flight. Of fewer than eight,
    /// one client may have all.
    /// </remarks>
    /// <value>1,000. From 1 to 10,000. A crash leaves at most so many calls unknown.</value>
    public int MaxConcurrentCalls { get; init; } = 1000;

    /// <summary>How many tasks of a stage of an external step are handed out ahead of the workers that fetch them.</summary>
    /// <remarks>Each host may exceed it by one claim. More keep faster workers busy; fewer leave less to withdraw.</remarks>
    /// <value>1,000. From 1 to 100,000.</value>
    public int TasksAhead { get; init; } = 1000;

    /// <summary>
    /// A bound on the bytes of answers that are in memory and not yet written. Calls in flight count too, by the usual size of their step's
    /// answers.
    /// </summary>
    /// <remarks>
    /// One client alone may have seven eighths of it. Before the first answer of a step its size is not known, and each call counts two
    /// fifths of <see cref="MaxResultBytes"/>: by default one client then has at most 140 calls of the step in flight. An answer that is
    /// larger than the bound is taken alone. Memory of the step itself, and copies on the way to the store, are not counted.
    /// </remarks>
    /// <value>64 MiB. From 1 MiB to 16 GiB.</value>
    public long AnswerBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long finished outcomes wait for others, so that they are written together.</summary>
    /// <value>20 milliseconds, or until no call is in flight. From 0 to 10 seconds.</value>
    public TimeSpan CommitDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How often an idle host looks for work without a signal.</summary>
    /// <value>500 milliseconds. From 10 milliseconds to 1 minute.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a host looks for lost leases, ended batches and left-over work.</summary>
    /// <value>1 second. From 50 milliseconds to 10 minutes.</value>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping host lets calls in flight end before it cancels them.</summary>
    /// <value>25 seconds, below the 30 that a .NET host gives by default. From 0 to 1 hour.</value>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a projection's table is kept after another version has replaced it, for comparison and for going back.</summary>
    /// <value>7 days. From 0 to 366 days.</value>
    public TimeSpan KeepReplacedTables { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many bytes of canonical JSON one result may have.</summary>
    /// <value>1 MiB. From 1 KiB to 64 MiB.</value>
    public int MaxResultBytes { get; init; } = 1024 * 1024;

    /// <summary>Whether the worker of a host brings the schema up to date when the host starts.</summary>
    /// <remarks>
    /// Set it to false if the host's role may not change the schema. Its worker then waits until the schema is up to date, and logs that;
    /// the host itself starts.
    /// </remarks>
    /// <value>True.</value>
    public bool MigrateAtStart { get; init; } = true;

    /// <summary>
    /// Whether the message of an exception that a step throws is kept with its item. Messages of other people's code may hold secrets and
    /// personal data.
    /// </summary>
    /// <value>False: only the types. The values of the step's own secrets are removed in either case.</value>
    public bool KeepExceptionMessages { get; init; }

    /// <summary>The same options with the configured values.</summary>
    internal WorkerOptions With(SectionReader section) => this with
    {
        MaxConcurrentClaims = section.Read(nameof(MaxConcurrentClaims), MaxConcurrentClaims),
        Lease = section.Read(nameof(Lease), Lease),
        ClaimSize = section.Read(nameof(ClaimSize), ClaimSize),
        ClaimBytes = section.Read(nameof(ClaimBytes), ClaimBytes),
        MaxConcurrentCalls = section.Read(nameof(MaxConcurrentCalls), MaxConcurrentCalls),
        TasksAhead = section.Read(nameof(TasksAhead), TasksAhead),
        AnswerBytes = section.Read(nameof(AnswerBytes), AnswerBytes),
        CommitDelay = section.Read(nameof(CommitDelay), CommitDelay),
        PollInterval = section.Read(nameof(PollInterval), PollInterval),
        SweepInterval = section.Read(nameof(SweepInterval), SweepInterval),
        DrainTimeout = section.Read(nameof(DrainTimeout), DrainTimeout),
        KeepReplacedTables = section.Read(nameof(KeepReplacedTables), KeepReplacedTables),
        MaxResultBytes = section.Read(nameof(MaxResultBytes), MaxResultBytes),
        MigrateAtStart = section.Read(nameof(MigrateAtStart), MigrateAtStart),
        KeepExceptionMessages = section.Read(nameof(KeepExceptionMessages), KeepExceptionMessages),
    };

    /// <summary>The same options with those of others that may change while a worker runs: each is read anew where it is used.</summary>
    internal WorkerOptions Taking(WorkerOptions changed) => this with
    {
        MaxConcurrentClaims = changed.MaxConcurrentClaims,
        MaxConcurrentCalls = changed.MaxConcurrentCalls,
        ClaimSize = changed.ClaimSize,
        CommitDelay = changed.CommitDelay,
        PollInterval = changed.PollInterval,
        SweepInterval = changed.SweepInterval,
        DrainTimeout = changed.DrainTimeout,
    };

    internal void Validate()
    {
        if (Problems() is { Count: > 0 } problems)
        {
            throw new EnrichmentException(
                "The worker's options cannot be used." + string.Concat(problems.Select(problem => Environment.NewLine + problem)));
        }
    }

    /// <summary>The options that are out of range.</summary>
    /// <param name="prefix">The text before the name of an option.</param>
    internal List<string> Problems(string prefix = "")
    {
        List<string> problems = [];
        Check(nameof(MaxConcurrentClaims), MaxConcurrentClaims, 1, 64);
        Check(nameof(Lease), Lease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Check(nameof(ClaimSize), ClaimSize, 1, 10_000);
        Check(nameof(ClaimBytes), ClaimBytes, 1, 1L << 30);
        Check(nameof(MaxConcurrentCalls), MaxConcurrentCalls, 1, 10_000);
        Check(nameof(TasksAhead), TasksAhead, 1, 100_000);
        Check(nameof(AnswerBytes), AnswerBytes, 1L << 20, 1L << 34);
        Check(nameof(CommitDelay), CommitDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Check(nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Check(nameof(KeepReplacedTables), KeepReplacedTables, TimeSpan.Zero, TimeSpan.FromDays(366));
        Check(nameof(SweepInterval), SweepInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(10));
        Check(nameof(DrainTimeout), DrainTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(nameof(MaxResultBytes), MaxResultBytes, 1024, 64 * 1024 * 1024);
        return problems;

        void Check<T>(string name, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                problems.Add($"{prefix}{name}: expected {least} to {most}, got {value}.");
            }
        }
    }
}
