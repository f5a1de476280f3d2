using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Makes a batch of an upload's rows; some worker will do it.</summary>
internal sealed class LaunchCommand : CliCommand
{
    private readonly Argument<string> upload = UploadId.Argument();
    private readonly Option<string> pipeline = PipelineChoice.Option();
    private readonly Option<int> priority = PriorityOption.Create();
    private readonly Option<int?> limit = new Option<int?>("--limit")
    {
        Description = "Only the first N accepted rows.",
        HelpName = "N",
    }.AcceptOnlyFrom(1, int.MaxValue);
    private readonly Option<string?> where = new("--where")
    {
        Description = "Only rows whose fields satisfy this condition, as JSON.",
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
            "Makes a batch of an upload's rows and a pipeline. All problems are reported before anything is made. Workers do it: 'enrich work', here or elsewhere.",
            "enrich launch last --pipeline leads.json",
            "enrich launch last --pipeline leads.json --dry-run",
            """enrich launch 019a8f5e-7c1b-7000-8000-000000000001 --pipeline leads.json --where '{"field":"person.country","in":["DE","AT"]}'""")
    {
        Arguments.Add(upload);
        foreach (var option in (Option[])[pipeline, limit, where, key, priority, refresh, dryRun])
        {
            Options.Add(option);
        }

        vendors.AddTo(this, calls: false);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var choice = PipelineChoice.Read(parsed.GetRequiredValue(pipeline));
        var condition = parsed.GetValue(where) is { } text ? ItemOptions.ConditionOf(text) : null;
        await using var session = await Session.OpenAsync(parsed, cancellationToken, also: vendors.Read(parsed, choice));
        var source = await UploadId.FindAsync(session.Client, parsed.GetRequiredValue(upload), cancellationToken);
        var options = new LaunchOptions
        {
            Definition = choice.For(source),
            Limit = parsed.GetValue(limit),
            Where = condition,
            Key = parsed.GetValue(key),
            Priority = parsed.GetValue(priority),
            Refresh = parsed.GetValue(refresh),
        };
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
}
