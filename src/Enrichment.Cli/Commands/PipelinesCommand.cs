using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Pipelines;

namespace Enrichment.Cli.Commands;

/// <summary>The pipelines that can be named here.</summary>
internal sealed class PipelinesCommand : CliCommand
{
    public PipelinesCommand()
        : base(
            "pipelines",
            "Lists the pipelines that --pipeline can name here: the JSON files of this folder that have stages or cannot be read, and 'normalize', which ships with the tool. Needs no store.",
            "enrich pipelines") => LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "pipelines", "pipeline", "file", "stages") { Nothing = "" };
        await list.AddAsync(
            new
            {
                Pipeline = PipelineChoice.Normalize,
                File = (string?)null,
                Stages = (string[]?)null,
            },
            PipelineChoice.Normalize,
            "",
            "every built-in step that has a column to read");
        foreach (var file in DefinitionFile.InFolder("stages"))
        {
            var (name, stages, problem) = Read(file);
            await list.AddAsync(
                new { Pipeline = name, File = Path.GetFileName(file), Stages = stages, Problem = problem },
                name, Path.GetFileName(file), problem is null ? string.Join(", ", stages!) : $"not sound: {problem}");
        }

        return await list.EndAsync();
    }

    private static (string Name, string[]? Stages, string? Problem) Read(string file)
    {
        try
        {
            var pipeline = PipelineDefinition.Load(file);
            return (pipeline.Name, [.. pipeline.Stages.Select(stage => stage.Step)], null);
        }
        catch (EnrichmentException exception)
        {
            return (Path.GetFileNameWithoutExtension(file), null, exception.Message);
        }
    }
}
