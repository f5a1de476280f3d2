namespace Enrichment.PostgreSql;

/// <summary>Where in a database the store lives, and by which clock.</summary>
public sealed record PostgreSqlOptions
{
    /// <summary>The schema that holds every table. Made by the migration if it is not there.</summary>
    /// <value><c>enrichment</c>. Lower-case letters, digits and underscores, a letter first, at most 63.</value>
    public string Schema { get; init; } = "enrichment";

    /// <summary>The clock for leases, dates and records.</summary>
    /// <value>
    /// <see cref="TimeProvider.System"/>, which means the database's own clock: hosts' clocks are never read. Another one serves tests.
    /// </value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
