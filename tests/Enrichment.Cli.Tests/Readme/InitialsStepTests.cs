using Enrichment.Testing;
using House;

namespace Enrichment.Cli.Tests.Readme;

public sealed class InitialsStepTests
{
    [Theory]
    [InlineData("Ada Lovelace", "AL")]
    [InlineData("Ada  Lovelace", "AL")]
    [InlineData(" Ada ", "A")]
    [InlineData("𝒜da Lovelace", "𝒜L")]
    public async Task The_readmes_step_takes_names_as_they_come(string name, string initials) =>
        Assert.Equal(initials, (await StepHarness.For<InitialsStep>().With("person.full_name", name).RunAsync()).Text("person.initials"));
}
