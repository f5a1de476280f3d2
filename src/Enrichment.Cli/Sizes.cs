using System.Globalization;

namespace Enrichment.Cli;

/// <summary>Numbers of bytes in words.</summary>
internal static class Sizes
{
    public static string Words(long bytes) => bytes switch
    {
        < 1000 => Plural.Of(bytes, "byte"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB"),
    };
}
