using System.Reflection;

namespace Enrichment.Normalization;

/// <summary>The data files that travel inside the assembly.</summary>
internal static class EmbeddedText
{
    /// <summary>
    /// The lines of a file below <c>data/</c> that hold something: without blank lines and those that begin with
    /// <paramref name="comment"/>.
    /// </summary>
    public static IEnumerable<string> Lines(string file, string comment = "#")
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException(
                $"The assembly holds no file '{file}'. It was built wrongly: see the EmbeddedResource items of Enrichment.Normalization.csproj.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line) && !line.StartsWith(comment, StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }
}
