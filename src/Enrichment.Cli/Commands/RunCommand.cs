using System.CommandLine;
using Enrichment.Storage;

namespace Enrichment.Cli.Commands;

/// <summary>Everything in one go: upload, launch, work, export.</summary>
internal sealed class RunCommand : CliCommand
{
    private readonly InputOptions input = new();
    private readonly Option<string> pipeline = new("--pipeline") { Description = PipelineChoice.Description, HelpName = "FILE|NAME", Required = true };
    private readonly Option<string?> projection = ProjectionOption.Create("The table to make and to write, a JSON file. Without it: all columns and produced fields.");
    private readonly Option<string> output = new("--output", "-o") { Description = "The CSV to write. It appears under this name only when it is complete.", HelpName = "FILE", Required = true };
    private readonly Option<int?> limit = new("--limit") { Description = "Only the first N accepted rows.", HelpName = "N" };
    private readonly Option<int> priority = PriorityOption.Create();
    private readonly Option<bool> again = new("--again") { Description = "A new batch even if this file has been through this pipeline already." };
    private readonly Option<bool> refresh = new("--refresh") { Description = "Ask anew for companies and persons whose stored answers are older than this run, in a new batch." };
    private readonly WorkingOptions working = new();
    private readonly VendorOptions vendors = new();
    private readonly Option<bool> raw = Exports.RawOption();

    public RunCommand()
        : base(
            "run",
            "Uploads a file, runs a pipeline over its rows and writes the outcome as CSV: the table of a projection, or without one every column of the file, then every field that the pipeline produces, one line a row, in the file's order. "
            + "Interrupted or repeated, it goes on where it was: the same file and pipeline are one batch, and no step runs twice for a row.",
            "enrich run leads.csv --pipeline normalize --output clean.csv",
            "enrich run leads.csv --pipeline leads.json --projection final_leads.json --output final_leads.csv",
            "enrich run leads.csv --pipeline leads.json --workstream apollo_scrape --output first.csv --limit 100",
            "enrich run leads.csv --pipeline leads.json --output final_leads.csv --store \"postgres:Host=localhost;Database=leads;Username=me\"")
    {
        input.AddTo(this);
        foreach (var option in (Option[])[pipeline, projection, output, limit, priority, again, refresh, raw])
        {
            Options.Add(option);
        }

        working.AddTo(this);
        vendors.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var choice = PipelineChoice.Read(parsed.GetRequiredValue(pipeline));
        var table = ProjectionOption.Read(parsed, projection);
        var steps = vendors.Read(parsed);
        var worker = working.Read(parsed);
        var target = OutputFile.Check(parsed.GetRequiredValue(output));
        var status = new StatusLine(parsed);
        string? workstream = null;
        await using var file = input.Open(parsed);
        if (file.Name == target)
        {
            throw new EnrichmentException($"The output '{target}' is the input. Name another file: a run must be repeatable.");
        }

        await using var session = await Session.OpenOrCreateAsync(parsed, cancellationToken, table, builder =>
        {
            steps(builder.ConfigureWorker(worker));
            workstream = input.Name(parsed, builder);
        });

        var uploaded = await Uploads.StageAsync(session.Client, file, workstream, input.Read(parsed), again: false, status, cancellationToken);
        var batch = await session.Client.LaunchAsync(
            uploaded.Upload.Id,
            new()
            {
                Definition = choice.For(uploaded.Upload),
                Limit = parsed.GetValue(limit),
                Priority = parsed.GetValue(priority),
                Refresh = parsed.GetValue(refresh),
                Key = parsed.GetValue(again) || parsed.GetValue(refresh) ? null : choice.LaunchKey(uploaded.Upload, parsed.GetValue(limit)),
            },
            cancellationToken: cancellationToken);
        status.Say(batch.AlreadyThere ? $"This file and pipeline are batch {batch.Id} already, {Statuses.Word(batch.Status)}; --again makes a new one." : $"Batch {batch.Id}: {batch.Items:n0} items.");

        var progress = await WorkAsync(session, batch, status, cancellationToken);
        var exported = await Exports.WriteAsync(session.Client, batch.Id, table, target, parsed.GetValue(raw), cancellationToken);
        return Answer(uploaded, progress, target, exported);
    }

    private static async Task<BatchProgress> WorkAsync(Session session, Batch batch, StatusLine status, CancellationToken cancellationToken)
    {
        if (!batch.HasEnded)
        {
            await status.FollowAsync(session.Client, batch.Id, () => session.Engine.RunUntilDrainedAsync(cancellationToken));
        }

        var progress = await session.Client.ProgressAsync(batch.Id, CancellationToken.None);
        if (progress.Batch.HasEnded)
        {
            return progress;
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new EnrichmentException($"Batch {batch.Id} is {Statuses.Word(progress.Batch.Status)}, {progress.Ended:n0} of {progress.Batch.Items:n0} items have ended: nothing is exported. 'enrich status {batch.Id}' says more; if it is paused, 'enrich resume {batch.Id}'.");
    }

    private static Answer Answer(UploadResult uploaded, BatchProgress progress, string target, long exported) => new(
        new
        {
            Upload = uploaded.Upload.Id,
            Batch = progress.Batch.Id,
            Status = Statuses.Word(progress.Batch.Status),
            uploaded.Report.Rows,
            uploaded.Upload.Accepted,
            uploaded.Upload.Rejected,
            progress.Batch.Items,
            progress.Failed,
            Stages = Statuses.Stages(progress),
            Output = target,
            OutputRows = exported,
        },
        $"{exported:n0} rows in {target}" + (progress.Failed == 0 ? "" : $"\n{progress.Failed:n0} items failed: 'enrich status {progress.Batch.Id}' says why, 'enrich retry {progress.Batch.Id}' runs them again."),
        progress.Failed > 0 || progress.Batch.Status == BatchStatus.Cancelled ? ExitCode.Findings : ExitCode.Ok);
}
