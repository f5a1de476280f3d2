using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Pipelines;

namespace Enrichment.Cli.Commands;

/// <summary>Makes a batch of an upload's rows; some worker will do it.</summary>
internal sealed class LaunchCommand : CliCommand
{
    private readonly Argument<string?> upload = new("UPLOAD")
    {
        Description = "The id that 'enrich upload' printed, or 'last' for the client's youngest upload. With --from-table: none.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> table = new("--from-table")
    {
        Description = "Instead of an upload: launch the rows of this typed table again, a batch for each upload that they are from. A projection's name, or its definition: a JSON file, or the name of one in this folder.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> sort = new("--sort")
    {
        Description = "With --from-table and --limit: the order in which rows are taken; may be repeated.",
        HelpName = "COLUMN[:desc]",
    };
    private readonly Option<string?> asOf = AsOfOption.Create();
    private readonly Option<string> pipeline = PipelineChoice.Option();
    private readonly Option<int> priority = PriorityOption.Create();
    private readonly Option<int?> limit = new Option<int?>("--limit")
    {
        Description = "Only the first N accepted rows, or rows of the table.",
        HelpName = "N",
    }.AcceptOnlyFrom(1, int.MaxValue);
    private readonly Option<string?> where = new("--where")
    {
        Description = "Only rows whose fields, or columns of the table, satisfy this condition, as JSON.",
        HelpName = "CONDITION",
    };
    private readonly Option<string?> key = new("--key")
    {
        Description = "Makes the launch repeatable: the same key gives the same batch. Without it each launch makes a batch.",
        HelpName = "TEXT",
    };
    private readonly Option<bool> refresh = new("--refresh")
    {
        Description = "Calls again for companies and persons whose stored answers are older than this launch, however fresh they are.",
    };
    private readonly Option<bool> dryRun = new("--dry-run")
    {
        Description = "Launches nothing: says for each stage that calls somebody how many rows reach it, how many companies or persons they are about, and how many calls that makes and spares.",
    };
    private readonly VendorOptions vendors = new();

    public LaunchCommand()
        : base(
            "launch",
            "Makes a batch of an upload's rows and a pipeline, or launches rows of a typed table again. All problems are reported before anything is made. Workers do it: 'enrich work', here or elsewhere.",
            "enrich launch last --pipeline leads.json",
            "enrich launch last --pipeline leads.json --dry-run",
            """enrich launch 019a8f5e-7c1b-7000-8000-000000000001 --pipeline leads.json --where '{"field":"person.country","in":["DE","AT"]}'""",
            """enrich launch --from-table final_leads --where '{"field":"email","exists":false}' --pipeline leads.json --dry-run""")
    {
        Arguments.Add(upload);
        foreach (var option in new Option[] { table, pipeline, limit, where, sort, asOf, key, priority, refresh, dryRun })
        {
            Options.Add(option);
        }

        vendors.AddTo(this, calls: false);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if ((parsed.GetValue(upload) is null) == (parsed.GetValue(table) is null))
        {
            throw new EnrichmentException("Name what to launch: an UPLOAD, or --from-table with a typed table. Try 'enrich launch --help'.");
        }

        if (parsed.GetValue(table) is null && (parsed.GetValue(asOf) is not null || parsed.GetValue(sort) is { Length: > 0 }))
        {
            throw new EnrichmentException($"{sort.Name} and {asOf.Name} belong to {table.Name}. Leave them out, or name a table.");
        }

        var choice = PipelineChoice.Read(parsed.GetRequiredValue(pipeline));
        var condition = parsed.GetValue(where) is { } text ? ItemOptions.ConditionOf(text) : null;
        await using var session = await Session.OpenAsync(parsed, cancellationToken, also: vendors.Read(parsed, choice));
        var options = new LaunchOptions
        {
            Limit = parsed.GetValue(limit),
            Key = parsed.GetValue(key),
            Priority = parsed.GetValue(priority),
            Refresh = parsed.GetValue(refresh),
        };
        if (parsed.GetValue(table) is { } from)
        {
            var query = await QueryAsync(session, from, condition, parsed, cancellationToken);
            return await LaunchAsync(session.Client, query, options with { Definition = choice.ForTable() }, parsed, cancellationToken);
        }

        var source = await UploadId.FindAsync(session.Client, parsed.GetValue(upload)!, cancellationToken);
        options = options with { Definition = choice.For(source), Where = condition };
        if (parsed.GetValue(dryRun))
        {
            return PreviewText.Of(await session.Client.PreviewLaunchAsync(source.Id, options, cancellationToken));
        }

        var batch = await session.Client.LaunchAsync(source.Id, options, cancellationToken: cancellationToken);
        return new(
            new
            {
                Batch = batch.Id,
                Upload = source.Id,
                batch.Items,
                batch.AlreadyThere,
            },
            batch.Id.ToString());
    }

    private async Task<ProjectionQuery> QueryAsync(
        Session session,
        string from,
        Condition? condition,
        ParseResult parsed,
        CancellationToken cancellationToken)
    {
        var live = await ProjectionArgument.FindAsync(session, from, cancellationToken);
        var query = session.Client.Query(live);
        query = condition is null ? query : query.Where(condition);
        query = (parsed.GetValue(sort) ?? []).Aggregate(query, (asked, key) => key.EndsWith(":desc", StringComparison.Ordinal)
            ? asked.OrderBy(key[..^":desc".Length], descending: true)
            : asked.OrderBy(key));
        return AsOfOption.Read(parsed, asOf) is { } day ? query.AsOf(day) : query;
    }

    private async Task<Answer> LaunchAsync(
        EnrichmentClient client,
        ProjectionQuery query,
        LaunchOptions options,
        ParseResult parsed,
        CancellationToken cancellationToken)
    {
        if (parsed.GetValue(dryRun))
        {
            return PreviewText.Of(await client.PreviewLaunchAsync(query, options, cancellationToken));
        }

        var launch = await client.LaunchAsync(query, options, cancellationToken: cancellationToken);
        new StatusLine(parsed).Say(PreviewText.LeftOut(launch.Superseded, launch.Pruned));
        return new(
            new
            {
                Batches = launch.Batches.Select(batch => new { Batch = batch.Id, Upload = batch.UploadId, batch.Items }),
                launch.Items,
                launch.Superseded,
                launch.Pruned,
                launch.AlreadyThere,
            },
            string.Join('\n', launch.Batches.Select(batch => batch.Id)));
    }
}
