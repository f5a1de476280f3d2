using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        await list.AddAsync(new { Pipeline = PipelineChoice.Normalize, File = (string?)null, Stages = (string[]?)null }, PipelineChoice.Normalize, "", "every built-in step that has a column to read");
        foreach (var file in Directory.EnumerateFiles(Environment.CurrentDirectory, "*.json").Where(HasStages).Order(StringComparer.Ordinal))
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

    // Other JSON files may stand in the folder as well: only what means to be a pipeline is held to be one.
    private static bool HasStages(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file), documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }) is JsonObject json
                && json.ContainsKey("stages");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return true; // It may mean to be one: what keeps it from being read is listed with it.
        }
    }
}
