namespace Enrichment.TestKit;

/// <summary>Whom a server runs as: PostgreSQL and PgBouncer refuse to run as root, so that root lends them another user.</summary>
internal sealed record UnprivilegedUser(string Uid, string Gid)
{
    /// <summary>Null where the caller is not root and needs no other user; else <c>postgres</c> if it exists, else <c>nobody</c>.</summary>
    public static UnprivilegedUser? ForCaller()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        var users = File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 3)
            .ToLookup(fields => fields[0]);
        var user =
            users["postgres"].Concat(users["nobody"]).FirstOrDefault()
            ?? throw new InvalidOperationException(
                "PostgreSQL and PgBouncer cannot run as root, and /etc/passwd knows neither 'postgres' nor 'nobody'. Run the tests as an ordinary user.");
        return new UnprivilegedUser(user[2], user[3]);
    }

    /// <summary>The command as this user, with a home of its own: libpq would look into root's.</summary>
    public string[] Run(string home, params string[] command) =>
        ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", "--clear-groups", "env", $"HOME={home}", .. command];
}
