using System.Collections.Frozen;
using System.Globalization;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <summary>
/// Reads <c>postgresql://user:password@host:port/database?name=value</c>, the form in which hosted databases hand out their addresses.
/// </summary>
/// <remarks>
/// The form is libpq's: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS. Names of parameters are libpq's
/// or Npgsql's.
/// </remarks>
internal static class ConnectionAddress
{
    private const string Encode = "In a user name or password encode / ? # @ : and % as %2F %3F %23 %40 %3A and %25.";

    private static readonly string[] Schemes = ["postgresql://", "postgres://"];

    private static readonly FrozenDictionary<string, string> Keywords = new Dictionary<string, string>
    {
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["channel_binding"] = "Channel Binding",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["connect_timeout"] = "Timeout",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["sslnegotiation"] = "SSL Negotiation",
        ["gssencmode"] = "GSS Encryption Mode",
        ["krbsrvname"] = "Kerberos Service Name",
        ["require_auth"] = "Require Auth",
        ["passfile"] = "Passfile",
        ["target_session_attrs"] = "Target Session Attributes",
        ["client_encoding"] = "Client Encoding",
        ["connection_limit"] = "Maximum Pool Size",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Hosted databases add these for other clients. The store finds a pooler by itself, and resolves no other way of connecting.
    private static readonly FrozenSet<string> OfOtherClients = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "pgbouncer", "pool_timeout", "supa", "uselibpqcompat", "fallback_application_name", "workaround");

    public static bool IsAddress(string text) =>
        Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="FormatException">It cannot be read; the message repeats nothing that may be part of the password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        var rest = text.Trim()[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, '?');
        var (authority, database) = Cut(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        if (at < 0 && rest.Contains('@', StringComparison.Ordinal))
        {
            throw new FormatException($"Its user name or password contains a character that must be encoded. {Encode}");
        }

        var settings = new NpgsqlConnectionStringBuilder();
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            SetText(settings, "Username", user);
            SetText(settings, "Password", password);
        }

        SetText(settings, "Database", database);
        var parameters = Parameters(query);
        SetHosts(settings, authority[(at + 1)..], parameters);
        SetTls(settings, parameters);
        foreach (var (name, value) in parameters)
        {
            SetParameter(settings, name, value);
        }

        return settings;
    }

    private static (string Before, string After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is var place and >= 0 ? (text[..place], text[(place + 1)..]) : (text, "");

    private static void SetText(NpgsqlConnectionStringBuilder settings, string keyword, string encoded)
    {
        if (encoded.Length > 0)
        {
            ConnectionSettings.Set(settings, keyword, Uri.UnescapeDataString(encoded));
        }
    }

    private static Dictionary<string, string> Parameters(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(part, '=');
            parameters[Uri.UnescapeDataString(name)] = Uri.UnescapeDataString(value);
        }

        return parameters;
    }

    /// <summary>
    /// Hosts in the address, or else as parameters: several with a comma between, each a name, an IP address or the folder of a Unix
    /// socket.
    /// </summary>
    private static void SetHosts(NpgsqlConnectionStringBuilder settings, string written, Dictionary<string, string> parameters)
    {
        parameters.Remove("host", out var hosts);
        parameters.Remove("port", out var ports);
        var each = written.Length > 0 ? [.. written.Split(',').Select(SplitPort)]
            : (hosts ?? "localhost").Split(',').Select(host => (Host: host, Port: "")).ToArray();
        var known = (ports ?? "").Split(',');
        for (var i = 0; i < each.Length; i++)
        {
            var port = each[i].Port.Length > 0 ? each[i].Port : known[known.Length == each.Length ? i : 0];
            each[i] = (each[i].Host.Length > 0 ? each[i].Host : "localhost", Port(port));
        }

        if (each is [var only])
        {
            settings.Host = only.Host;
            ConnectionSettings.Set(settings, "Port", only.Port);
        }
        else
        {
            settings.Host = string.Join(
                ',',
                each.Select(host => $"{(host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]" : host.Host)}:{host.Port}"));
        }
    }

    private static (string Host, string Port) SplitPort(string written)
    {
        if (written.StartsWith('['))
        {
            var end = written.IndexOf(']', StringComparison.Ordinal);
            return end > 0
                ? (written[1..end], written[(end + 1)..].TrimStart(':'))
                : throw new FormatException("An IPv6 address in it has no closing bracket: write [::1].");
        }

        var (host, port) = Cut(written, ':');
        return (Uri.UnescapeDataString(host), port);
    }

    private static string Port(string written) =>
        written.Length == 0 ? NpgsqlConnection.DefaultPort.ToString(CultureInfo.InvariantCulture)
        : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? written
        : throw new FormatException($"Its port is not a number from 1 to 65535. {Encode}");

    /// <summary>
    /// libpq checks the server's certificate as soon as it has a root to check it by; <c>system</c> is the machine's own roots.
    /// </summary>
    private static void SetTls(NpgsqlConnectionStringBuilder settings, Dictionary<string, string> parameters)
    {
        parameters.Remove("sslmode", out var mode);
        parameters.Remove("sslrootcert", out var root);
        if (parameters.Remove("ssl", out var ssl))
        {
            mode ??= ssl.Equals("false", StringComparison.OrdinalIgnoreCase) ? "disable" : "require";
        }

        var system = string.Equals(root, "system", StringComparison.Ordinal);
        if (root is not null && !system)
        {
            settings.RootCertificate = root;
        }

        if (mode is null && !system)
        {
            return;
        }

        settings.SslMode = mode?.ToLowerInvariant() switch
        {
            null => SslMode.VerifyFull,
            "disable" => SslMode.Disable,
            "allow" => SslMode.Allow,
            "prefer" => SslMode.Prefer,
            "require" => root is null ? SslMode.Require : system ? SslMode.VerifyFull : SslMode.VerifyCA,
            "no-verify" => SslMode.Require,
            "verify-ca" => SslMode.VerifyCA,
            "verify-full" => SslMode.VerifyFull,
            _ => throw new FormatException("Its sslmode is not one of disable, allow, prefer, require, verify-ca and verify-full."),
        };
    }

    private static void SetParameter(NpgsqlConnectionStringBuilder settings, string name, string value)
    {
        if (name.Equals("load_balance_hosts", StringComparison.OrdinalIgnoreCase))
        {
            settings.LoadBalanceHosts = value.Equals("random", StringComparison.OrdinalIgnoreCase);
        }
        else if (Keywords.GetValueOrDefault(name, name) is var keyword && settings.ContainsKey(keyword))
        {
            ConnectionSettings.Set(settings, keyword, value);
        }
        else if (!OfOtherClients.Contains(name))
        {
            throw new FormatException(
                $"Behind its '?' is a parameter that neither libpq nor Npgsql has; known are sslmode, {string.Join(", ", Keywords.Keys.Order(StringComparer.Ordinal))} and Npgsql's keywords.");
        }
    }
}
