using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The steps that a pipeline may name.</summary>
internal sealed class StepsCommand : CliCommand
{
    private readonly VendorOptions vendors = new();

    public StepsCommand()
        : base(
            "steps",
            "Lists the steps that a pipeline may name: those that ship with the tool, and the vendors and lookups of the folder 'vendors'. Needs no store. "
            + "Effects: pure (computes only), repeatable (calls outside, and may be called again), once (calls outside; an unknown outcome waits for review).",
            "enrich steps",
            "enrich steps --vendors acme.json --json")
    {
        vendors.AddTo(this, calls: false);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "steps", "step", "version", "effects", "reads", "produces", "from")
        {
            Nothing = "There are no steps.",
        };
        foreach (var step in ToolSteps.All(vendors, parsed))
        {
            var (manifest, from) = (step.Manifest, ToolSteps.From(step));
            string[] produces = [.. manifest.Produces.Select(produced => produced.Field)];
            var effects = manifest.Effects switch { Effects.Pure => "pure", Effects.SafeToRepeat => "repeatable", _ => "once" };
            await list.AddAsync(
                new
                {
                    Step = manifest.Slug,
                    manifest.Version,
                    Effects = effects,
                    manifest.Reads,
                    Produces = produces,
                    AnsweredLater = manifest.MayBeAnsweredLater,
                    From = from,
                },
                manifest.Slug,
                manifest.Version,
                effects,
                string.Join(", ", manifest.Reads),
                string.Join(", ", produces),
                from);
        }

        return await list.EndAsync();
    }
}
