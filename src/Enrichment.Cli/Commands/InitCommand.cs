using System.CommandLine;
using System.Text;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>Files to start from.</summary>
internal sealed class InitCommand : CliCommand
{
    private readonly Argument<string?> file = new("FILE")
    {
        Description = "A list; the files are made for its columns.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public InitCommand()
        : base(
            "init",
            "Writes pipeline.json and projection.json into this folder, to start from: for the columns of a file, or an example without one. Needs no store. "
            + "If one of the files exists already, nothing is written.",
            "enrich init leads.csv",
            "enrich init") => Arguments.Add(file);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (files, first, shared) = parsed.GetValue(file) is { } given
            ? await StarterFiles.ForAsync(given, cancellationToken)
            : (StarterFiles.Example, null, []);
        if (files.Where(starter => Path.Exists(starter.Name)).Select(starter => starter.Name).ToList() is { Count: > 0 } there)
        {
            throw new EnrichmentException(
                $"Nothing was written: {string.Join(" and ", there)} {(there.Count == 1 ? "is" : "are")} there already. Remove or rename {(there.Count == 1 ? "it" : "them")}, or begin in another folder.");
        }

        foreach (var header in shared)
        {
            new StatusLine(parsed).Warn(
                $"Several columns are called '{header}'. A projection can name only the first of them; rename the others in the file if you need them.");
        }

        foreach (var (name, text) in files)
        {
            await using var stream = new FileStream(name, FileMode.CreateNew, FileAccess.Write);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")), cancellationToken);
        }

        var input = parsed.GetValue(file) is { } list and not Output.Standard ? Word(list) : "leads.csv";
        var written = $"Written: {string.Join(" and ", files.Select(starter => starter.Name))}.";
        return new(
            new { Written = files.Select(starter => starter.Name) },
            first is null
                ? $"{written} Then: enrich run {input} --pipeline pipeline --projection projection --output final_leads.csv"
                : $"{written} The pipeline has no stage yet, because no column feeds a field that a built-in step reads. {first}");
    }

    // One word for the shell, whatever the name.
    private static string Word(string name) =>
        name.All(letter => char.IsLetterOrDigit(letter) || "._-/+:\\".Contains(letter, StringComparison.Ordinal))
            ? name
            : $"'{name.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
