using System.CommandLine;
using Enrichment.Benchmarks.Scenarios;

var root = new RootCommand(
    "Measures the engine beside its references, each in its own database of a throwaway PostgreSQL server. Read ratios within one run, not absolute figures.")
{
    new PipelineScenario(),
    new IngestScenario(),
    new LaunchScenario(),
    new TablesScenario(),
    new QueriesScenario(),
    new SqliteScenario(),
    new PeersScenario(),
    new TrickleScenario(),
    new GrowthScenario(),
    new AdverseScenario(),
    new RetentionScenario(),
    new HostsScenario(),
    new CallbacksScenario(),
    new SlowVendorScenario(),
    new LargeAnswersScenario(),
    new ExternalTasksScenario(),
    new HostCommand(),
    new DeliverCommand(),
};
return await root.Parse(args).InvokeAsync();
