using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>What every command understands.</summary>
internal static class CommonOptions
{
    public const string DefaultClient = "default";

    public static readonly Option<string?> Store = new("--store")
    {
        Description =
            $"sqlite:PATH or postgres:CONNECTION. Without it: the variable {StoreAddress.Variable}, else {StoreAddress.Default} in this folder.",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    public static readonly Option<string> Client = new("--client")
    {
        Description = "The client whose data this is.",
        HelpName = "SLUG",
        DefaultValueFactory = _ => DefaultClient,
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object on standard output and nothing else; messages go to standard error.",
        Recursive = true,
    };
}
