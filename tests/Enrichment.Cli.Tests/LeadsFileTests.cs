using System.Text;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class LeadsFileTests
{
    /// <remarks>ENRICHMENT_ACCEPT_SNAPSHOTS=1 writes the file anew.</remarks>
    [Fact]
    public void The_quickstarts_leads_are_those_that_the_generator_makes()
    {
        var made = LeadsFile.Create();
        if (Environment.GetEnvironmentVariable(Snapshot.AcceptVariable) == "1")
        {
            File.WriteAllText(Workspace.QuickstartLeads, made, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }

        Assert.Equal(made, File.ReadAllText(Workspace.QuickstartLeads));
    }
}
