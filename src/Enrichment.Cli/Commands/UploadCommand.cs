using System.CommandLine;
using System.Text.Json.Nodes;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>Stages a file; nothing runs.</summary>
internal sealed class UploadCommand : CliCommand
{
    private readonly InputOptions input = new();
    private readonly RejectsOption rejects = new();
    private readonly NewClientOption newClient = new();
    private readonly Option<bool> dryRun = new("--dry-run")
    {
        Description = "Stores nothing: says how the file is read, what each column feeds and holds, which rows would be rejected, and why.",
    };
    private readonly Option<bool> again = new("--again")
    {
        Description = "Make a new upload even if the same content exists already.",
    };

    public UploadCommand()
        : base(
            "upload",
            "Stages a file, every row and column as it is, and reports how it was read, which columns feed which fields, and which rows were rejected and why. The same content again gives the existing upload.",
            "enrich upload leads.csv",
            "enrich upload leads.csv --dry-run",
            "enrich upload leads.csv --rejects rejected.csv",
            "enrich upload export.tsv --workstream salesnav_koolkit --encoding windows-1252 --json",
            "zcat leads.csv.gz | enrich upload -")
    {
        input.AddTo(this);
        rejects.AddTo(this);
        Options.Add(dryRun);
        Options.Add(again);
        newClient.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? workstream = null;
        var status = new StatusLine(parsed);
        var kept = new KeptFiles(Session.AddressOf(parsed));
        input.Keep(parsed, kept);
        await using var file = input.Open(parsed);
        var read = input.Read(parsed, file);
        if (parsed.GetValue(dryRun))
        {
            await using var tried = await Session.OpenIfThereAsync(
                parsed,
                cancellationToken,
                also: builder => workstream = input.Name(parsed, builder));
            return UploadPreviewText.Of(await tried.Client.PreviewUploadAsync(file.Content, workstream, read, cancellationToken));
        }

        await using var rejected = await rejects.OpenAsync(parsed, kept, cancellationToken);
        await using var session = await Session.OpenOrCreateAsync(
            parsed,
            cancellationToken,
            also: builder => workstream = input.Name(parsed, builder));
        await newClient.CheckAsync(session, parsed, status, cancellationToken);
        (await kept.AddUploadsAsync(session.Engine, cancellationToken)).RefuseContent(rejected);
        var result = await Uploads.StageAsync(session.Client, file, workstream, read, parsed.GetValue(again), status, cancellationToken);
        kept.AddContent("the input", result.Upload).RefuseContent(rejected);
        await RejectsOption.WriteAsync(session, result.Upload, rejected, status, cancellationToken);
        var json = new JsonObject { ["upload"] = result.Upload.Id, ["already_there"] = result.AlreadyThere, ["rejects"] = rejected?.Name };
        foreach (var (name, value) in JsonNode.Parse(result.Report.ToJson())!.AsObject().ToList())
        {
            json[name] = value?.DeepClone();
        }

        json["rejections_left_out"] = result.Report.Rejected - result.Report.Rejections.Length;
        return new(json, result.Upload.Id.ToString()) { Aside = rejected?.IsStandardOutput == true };
    }
}
