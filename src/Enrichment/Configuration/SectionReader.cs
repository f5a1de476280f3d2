using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Enrichment;

/// <summary>Reads one section of the host's configuration and notes every problem, each with its key.</summary>
/// <remarks>Not the binder of .NET: it stops at the first value that it cannot convert, and needs reflection.</remarks>
internal sealed class SectionReader(IConfigurationSection section, List<string> problems)
{
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The text before the name of an option, which makes it a key.</summary>
    public string Prefix => $"{section.Path}:";

    /// <summary>Whether the configuration says anything here.</summary>
    public bool Exists => section.Exists();

    public SectionReader Section(string name)
    {
        known.Add(name);
        return new(section.GetSection(name), problems);
    }

    /// <summary>The value of a key, or another where the configuration has none.</summary>
    [return: NotNullIfNotNull(nameof(otherwise))]
    public string? Read(string name, string? otherwise)
    {
        known.Add(name);
        var value = section.GetSection(name);
        if (value.GetChildren().Any())
        {
            problems.Add($"{Prefix}{name}: expected one value, got a section.");
        }

        return string.IsNullOrEmpty(value.Value) ? otherwise : value.Value;
    }

    /// <inheritdoc cref="Read(string, string?)" />
    public T Read<T>(string name, T otherwise)
        where T : IParsable<T>
    {
        if (Read(name, otherwise: null) is not { } text)
        {
            return otherwise;
        }

        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        problems.Add($"{Prefix}{name}: expected {Expected(typeof(T))}, got '{text}'.");
        return otherwise;
    }

    /// <summary>Notes the keys that no option has, which would have no effect.</summary>
    public void RefuseOthers()
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            problems.Add($"{section.Path}: expected a section with the keys {string.Join(", ", known)}, got a value.");
        }

        foreach (var key in section.GetChildren().Select(child => child.Key).Where(key => !known.Contains(key)))
        {
            problems.Add(
                $"{Prefix}{key}: there is no such option.{(Nearest.Hint(key, known) is { Length: > 0 } hint ? hint : $" Known: {string.Join(", ", known)}.")}");
        }
    }

    private static string Expected(Type type) =>
        type == typeof(TimeSpan) ? "a time such as 00:00:30, or 90.00:00:00 for 90 days"
        : type == typeof(bool) ? "true or false"
        : "a whole number";
}
