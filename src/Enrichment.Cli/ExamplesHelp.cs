using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Enrichment.Cli;

/// <summary>The usual help, and below it the command's examples.</summary>
internal sealed class ExamplesHelp(HelpAction help) : SynchronousCommandLineAction
{
    public static HelpOption Option()
    {
        var option = new HelpOption();
        option.Action = new ExamplesHelp((HelpAction)option.Action!);
        return option;
    }

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        help.MaxWidth = 120; // The same text on every terminal and in every log.
        var code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is CliCommand { Examples: { Count: > 0 } examples })
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return code;
    }
}
