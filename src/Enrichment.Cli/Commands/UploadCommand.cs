using System.CommandLine;
using System.Text.Json.Nodes;

namespace Enrichment.Cli.Commands;

/// <summary>Stages a file; nothing runs.</summary>
internal sealed class UploadCommand : CliCommand
{
    private readonly InputOptions input = new();
    private readonly Option<bool> again = new("--again") { Description = "Keep it as an upload of its own even if the same content is there already." };

    public UploadCommand()
        : base(
            "upload",
            "Stages a file, every row and column as it is, and reports how it was read, which columns feed which fields, and which rows were rejected and why. The same content again gives the existing upload.",
            "enrich upload leads.csv",
            "enrich upload export.tsv --workstream salesnav_koolkit --encoding windows-1252 --json")
    {
        input.AddTo(this);
        Options.Add(again);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? workstream = null;
        await using var file = input.Open(parsed);
        await using var session = await Session.OpenOrCreateAsync(parsed, cancellationToken, also: builder => workstream = input.Name(parsed, builder));
        var result = await Uploads.StageAsync(session.Client, file, workstream, input.Read(parsed), parsed.GetValue(again), new StatusLine(parsed), cancellationToken);
        var json = new JsonObject { ["upload"] = result.Upload.Id, ["already_there"] = result.AlreadyThere };
        foreach (var (name, value) in JsonNode.Parse(result.Report.ToJson())!.AsObject().ToList())
        {
            json[name] = value?.DeepClone();
        }

        return new(json, result.Upload.Id.ToString());
    }
}
