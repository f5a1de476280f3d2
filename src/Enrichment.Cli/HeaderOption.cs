using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>Headers and the fields that they feed.</summary>
internal sealed class HeaderOption(string description)
{
    private readonly Option<string[]> columns = new("--column") { Description = description, HelpName = "HEADER=FIELD" };

    public bool Required
    {
        init => columns.Required = value;
    }

    public void AddTo(Command command) => command.Options.Add(columns);

    /// <exception cref="EnrichmentException">One has no equals sign, or a header is given twice.</exception>
    public IReadOnlyDictionary<string, string?> Read(ParseResult parsed)
    {
        var read = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var column in parsed.GetValue(columns) ?? [])
        {
            // A header may have an equals sign, a field's name has none.
            var sign = column.LastIndexOf('=');
            if (sign < 1)
            {
                throw new EnrichmentException($"--column takes a header and a field, such as 'Firmenname=company.name', not '{Excerpt.Of(column)}'.");
            }

            if (!read.TryAdd(column[..sign], sign == column.Length - 1 ? null : column[(sign + 1)..]))
            {
                throw new EnrichmentException($"--column maps '{Excerpt.Of(column[..sign])}' twice. Leave one of them out.");
            }
        }

        return read;
    }
}
