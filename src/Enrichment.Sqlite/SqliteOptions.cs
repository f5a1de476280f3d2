namespace Enrichment.Sqlite;

/// <summary>The clock of a store, and the durability of its commits.</summary>
public sealed record SqliteOptions
{
    /// <summary>The clock for leases, dates and records.</summary>
    /// <value>
    /// <see cref="TimeProvider.System"/>, which means SQLite's own clock, read inside each transaction. Another one serves tests.
    /// </value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether a commit is on the disk before it is acknowledged, so that it outlives a loss of power too.</summary>
    /// <value>
    /// True: <c>pragma synchronous = full</c>, one flush a commit. False (<c>normal</c>) still outlives the death of the process, but a
    /// loss of power may take back the last commits, and with them the notes of calls that were made. The file stays sound in both cases.
    /// </value>
    /// <remarks>See <see href="https://sqlite.org/pragma.html#pragma_synchronous"/>.</remarks>
    public bool FlushEveryCommit { get; init; } = true;

    // How long a writer waits for one of another process before it says that the store is out of reach. Tests have less patience.
    internal int BusySeconds { get; init; } = 60;
}
