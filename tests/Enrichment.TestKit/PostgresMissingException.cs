namespace Enrichment.TestKit;

/// <summary>No PostgreSQL server and no binaries to start one; the message says what to do. Tests fail on it, they never skip.</summary>
public sealed class PostgresMissingException(IReadOnlyCollection<string> lookedIn) : Exception(
    $"""
    This test needs PostgreSQL and found none. Do one of these:
      - run ./test.sh, which installs the distribution's package where it may;
      - install it yourself: sudo apt-get install postgresql (it need not be started);
      - set {PostgresServer.Variable} to a server where the user may create databases,
        e.g. "Host=localhost;Username=me;Password=...". Tests that restart the server still need the binaries.
    Looked for initdb, pg_ctl and postgres in: {string.Join(", ", lookedIn.Distinct())}.
    """);
