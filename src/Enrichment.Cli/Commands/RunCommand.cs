using System.CommandLine;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>Everything in one go: upload, launch, work, export.</summary>
internal sealed class RunCommand : CliCommand
{
    private readonly InputOptions input = new();
    private readonly Option<string> pipeline = PipelineChoice.Option();
    private readonly OutputOptions export = new();
    private readonly RejectsOption rejects = new();
    private readonly NewClientOption newClient = new();
    private readonly Option<int?> limit = new Option<int?>("--limit")
    {
        Description = "Only the first N accepted rows.",
        HelpName = "N",
    }.AcceptOnlyFrom(1, int.MaxValue);
    private readonly Option<int> priority = PriorityOption.Create();
    private readonly Option<bool> again = new("--again")
    {
        Description = "A new batch even if this file has been through this pipeline already.",
    };

    private readonly Option<bool> retryFailed = new("--retry-failed")
    {
        Description = "If this file has been through this pipeline already, run its failed items again.",
    };

    private readonly Option<bool> refresh = new("--refresh")
    {
        Description = "Calls again for companies and persons whose stored answers are older than this run, in a new batch.",
    };

    private readonly WorkingOptions working = new();
    private readonly VendorOptions vendors = new();

    public RunCommand()
        : base(
            "run",
            "Uploads a file, runs a pipeline over its rows, and writes the result as CSV, one line for each row, in the file's order. With a projection: its table. Without one: every column of the file, then every field that the pipeline produces. "
            + "Interrupted or repeated, it continues: the same file and pipeline are one batch (the youngest if --again has made several), and no step runs twice for a row.",
            "enrich run leads.csv --pipeline normalize --output clean.csv",
            "enrich run leads.csv --pipeline leads.json --projection final_leads.json --output final_leads.csv",
            "enrich run leads.csv --pipeline leads.json --workstream apollo_scrape --output first.csv --limit 100",
            "enrich run leads.csv --pipeline leads.json --output final_leads.csv --retry-failed",
            "zcat leads.csv.gz | enrich run - --pipeline normalize --output - | head",
            "enrich run leads.csv --pipeline leads.json --output final_leads.csv --store \"postgres:Host=localhost;Database=leads;Username=me\"")
    {
        input.AddTo(this);
        Options.Add(pipeline);
        export.AddTo(this);
        rejects.AddTo(this);
        foreach (var option in (Option[])[limit, priority, again, retryFailed, refresh])
        {
            Options.Add(option);
        }

        newClient.AddTo(this);
        working.AddTo(this);
        vendors.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (IsAnew(parsed) && parsed.GetValue(retryFailed))
        {
            throw new EnrichmentException(
                "--retry-failed continues the existing batch, but --again and --refresh make a new one. Give only one of these options.");
        }

        await using var file = input.Open(parsed);
        var choice = PipelineChoice.Read(parsed.GetRequiredValue(pipeline));
        var (table, format, asOf, steps, worker, status) = (
            export.Table(parsed),
            export.Format(parsed),
            export.AsOf(parsed),
            vendors.Read(parsed, choice),
            working.Read(parsed),
            new StatusLine(parsed));
        var (read, workstream) = (input.Read(parsed, file), (string?)null);
        var kept = new KeptFiles(Session.AddressOf(parsed)).Add("the pipeline", choice.Path);
        input.Keep(parsed, kept);
        vendors.Keep(parsed, kept);
        await using var output = await export.OpenAsync(parsed, kept, cancellationToken);
        await using var rejected = await rejects.OpenAsync(parsed, kept.Add("the other output", output.Name), cancellationToken);
        if (rejected is { IsStandardOutput: true } && output.IsStandardOutput)
        {
            throw new EnrichmentException("--output and --rejects cannot both write to standard output. Name a file for one of them.");
        }

        await using var session = await Session.OpenOrCreateAsync(parsed, cancellationToken, table, builder =>
        {
            steps(builder.ConfigureWorker(worker));
            workstream = input.Name(parsed, builder);
        });

        await newClient.CheckAsync(session, parsed, status, cancellationToken);
        RefuseBoth(await kept.AddUploadsAsync(session.Engine, cancellationToken));
        var uploaded = await Uploads.StageAsync(
            session.Client, file, workstream, read, again: false, status, cancellationToken);
        RefuseBoth(kept.AddContent("the input", uploaded.Upload)); // What came through a pipe is known only now.
        await RejectsOption.WriteAsync(session, uploaded.Upload, rejected, status, cancellationToken);
        if (uploaded.Report.Accepted == 0)
        {
            throw new EnrichmentException(
                $"{file.Name} has {(uploaded.Report.Rows == 0 ? "a header and no rows" : $"no row that could be accepted: all {uploaded.Report.Rows:n0} were rejected")}: there is nothing to run. It is kept as upload {uploaded.Upload.Id}.");
        }

        var batch = await LaunchAsync(session, uploaded, choice, parsed, status, cancellationToken);
        try
        {
            var progress = await WorkAsync(session, batch, status, cancellationToken);
            var unknown = await CountUnknownAsync(session.Client, progress, cancellationToken);
            var exported = await Exports.WriteAsync(
                session.Client,
                batch.Id,
                table,
                export.Named(parsed),
                output,
                new() { Format = format, WithStatus = export.HasStatus(parsed) },
                asOf,
                status,
                cancellationToken);
            if ((await session.Client.ListDriftAsync(DriftStatus.Open, cancellationToken)).Count is > 0 and var findings)
            {
                status.Say($"{Plural.Of(findings, "finding")} in vendors' answers: 'enrich projection drift' tells {(findings == 1 ? "it" : "them")}.");
            }

            return Answer(uploaded, progress, unknown, output, rejected, exported, IsAnew(parsed));
        }
        catch (Exception exception) when (Failure.Of(exception) is { ExitCode: ExitCode.StoreUnreachable })
        {
            status.Say($"The store was lost while batch {batch.Id} was under way. What was done is kept: {WayOn(batch, parsed)}.");
            throw;
        }
        catch (OperationCanceledException)
        {
            throw new InterruptedException($"Interrupted. What was done is kept; {WayOn(batch, parsed)}.");
        }

        void RefuseBoth(KeptFiles files)
        {
            files.RefuseContent(output);
            files.RefuseContent(rejected);
        }
    }

    private bool IsAnew(ParseResult parsed) => parsed.GetValue(again) || parsed.GetValue(refresh);

    private string WayOn(Batch batch, ParseResult parsed) => IsAnew(parsed)
        ? $"the same command without {again.Name} and {refresh.Name} goes on with batch {batch.Id}"
        : "the same command goes on from there";

    private async Task<Batch> LaunchAsync(Session session, UploadResult uploaded, PipelineChoice choice, ParseResult parsed,
        StatusLine status, CancellationToken cancellationToken)
    {
        var batch = await uploaded.KeptIfRefusedAsync(() =>
            status.DuringAsync(
                "launching",
                null,
                () => FindOrLaunchAsync(session.Client, uploaded.Upload, choice, parsed, cancellationToken)));
        status.Say(
            batch.AlreadyThere
                ? $"This file and pipeline are batch {batch.Id} already, {Statuses.Word(batch.Status)}; --again makes a new one."
                : $"Batch {batch.Id}: {Plural.Of(batch.Items, "item")}.");
        if (batch.AlreadyThere && parsed.GetValue(retryFailed))
        {
            var begun = await session.Client.RetryAsync(batch.Id, null, cancellationToken);
            status.Say($"{Plural.Of(begun, "failed item")} begin{(begun == 1 ? "s" : "")} anew.");
            return await session.Client.GetBatchAsync(batch.Id, cancellationToken);
        }

        return batch;
    }

    // The youngest batch, not the first: after --again the output is that of the new batch, and a repeated command must not bring back the
    // old one.
    private async Task<Batch> FindOrLaunchAsync(
        EnrichmentClient client,
        Upload upload,
        PipelineChoice choice,
        ParseResult parsed,
        CancellationToken cancellationToken)
    {
        var (rows, anew) = (parsed.GetValue(limit), IsAnew(parsed));
        if (!anew && await choice.FindBatchAsync(client, upload, rows, cancellationToken) is { } youngest)
        {
            return youngest with { AlreadyThere = true };
        }

        var launch = new LaunchOptions
        {
            Definition = choice.For(upload),
            Limit = rows,
            Priority = parsed.GetValue(priority),
            Refresh = parsed.GetValue(refresh),
            Key = anew ? choice.AnotherLaunchKey(upload, rows) : choice.LaunchKey(upload, rows),
        };
        var batch = await client.LaunchAsync(upload.Id, launch, cancellationToken: cancellationToken);

        // A pruned batch keeps its key, and has nothing left to write.
        return batch.PrunedAt is null
            ? batch
            : await client.LaunchAsync(
                upload.Id,
                launch with
                {
                    Key = choice.AnotherLaunchKey(upload, rows),
                },
                cancellationToken: cancellationToken);
    }

    private static async Task<BatchProgress> WorkAsync(Session session, Batch batch, StatusLine status, CancellationToken cancellationToken)
    {
        if (!batch.HasEnded)
        {
            await status.FollowAsync(session.Client, batch.Id, () => session.Engine.RunUntilDrainedAsync(cancellationToken));
        }

        var progress = await session.Client.GetProgressAsync(batch.Id, CancellationToken.None);
        if (progress.Batch.HasEnded)
        {
            return progress;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var missing = (await session.Engine.ListMissingStepsAsync(CancellationToken.None)).Where(step => step.Batch == batch.Id).ToList();
        throw new EnrichmentException(
            $"Batch {batch.Id} is {Statuses.Word(progress.Batch.Status)}, {progress.Ended:n0} of {Plural.Of(progress.Batch.Items, "item")} have ended: nothing is exported. "
                + (
                    missing.Count == 0
                        ? $"'enrich status {batch.Id}' shows why. If it is paused, continue it with 'enrich resume {batch.Id}'."
                        : Statuses.Lines(missing).Trim()));
    }

    // At optional stages too, where the item went on: a retry begins these as well.
    private static async Task<int> CountUnknownAsync(
        EnrichmentClient client,
        BatchProgress progress,
        CancellationToken cancellationToken) =>
        progress.Failed == 0
            ? 0
            : await client
                .ReadStatesAsync(progress.Batch.Id, Status.Failed, cancellationToken)
                .Where(state => state.ErrorClass == ErrorClass.OutcomeUnknown)
                .Select(state => state.Item)
                .Distinct()
                .CountAsync(cancellationToken);

    private static string Failures(BatchProgress progress, int unknown, bool anew) =>
        $"{Plural.Of(progress.Failed, "item")} failed: 'enrich status {progress.Batch.Id}' says why" + (unknown == 0
            ? $"; the same command with --retry-failed{(anew ? " in place of --again or --refresh" : "")} runs them again."
            : $". Of {Plural.Of(unknown, "item")} the outcome is unknown: their calls may have been made, and a second call may be paid again. "
            + $"Check with the vendor first, then 'enrich retry {progress.Batch.Id} --error-class outcome_unknown', "
            + $"or 'enrich supply {progress.Batch.Id} --error-class outcome_unknown' with their result.");

    private static Answer Answer(
        UploadResult uploaded,
        BatchProgress progress,
        int unknown,
        Output output,
        Output? rejected,
        Exports exported,
        bool anew) => new(
        new
        {
            Upload = uploaded.Upload.Id,
            Batch = progress.Batch.Id,
            Status = Statuses.Word(progress.Batch.Status),
            uploaded.Report.Rows,
            uploaded.Upload.Accepted,
            uploaded.Upload.Rejected,
            Rejects = rejected?.Name,
            Unmapped = uploaded.Report.Unmapped.Select(column => column.Name),
            progress.Batch.Items,
            progress.Failed,
            OutcomeUnknown = unknown,
            Stages = Statuses.Stages(progress),
            Output = output.Name,
            OutputRows = exported.Rows,
            exported.Table?.Issues,
            exported.Table?.Report.Warnings,
        },
        exported.Line(output)
            + (progress.Batch.Status == BatchStatus.Cancelled ? $"\nBatch {progress.Batch.Id} was cancelled: {Plural.Of(progress.Stages.Sum(stage => stage.Cancelled), "item")} did not end. 'enrich retry {progress.Batch.Id} --item N --from-stage N' runs one again, --again all in a new batch." : "")
            + (progress.Failed == 0 ? "" : $"\n{Failures(progress, unknown, anew)}"),
        progress.Failed > 0 || progress.Batch.Status == BatchStatus.Cancelled ? ExitCode.Findings : ExitCode.Ok)
    {
        Aside = output.IsStandardOutput || rejected?.IsStandardOutput == true,
    };
}
