using System.Reflection;
using Enrichment.Hosting;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

public sealed class PublicApiTests
{
    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void Is_approved(string package) => Snapshot.Match(PublicApi.Of(Package.Named(package).Assembly), package);

    // What a host has to know of the engine, so that it can be read in one sitting.
    [Fact]
    public void The_core_has_at_most_96_public_types() =>
        Assert.InRange(Package.Named("Enrichment").Assembly.GetExportedTypes().Length, 1, 96);

    [Fact]
    public void A_port_has_at_most_12_members() => Faults.AssertNone(
        from port in typeof(IEnrichmentStore).GetInterfaces()
        let members = port.GetMembers().Count(member => member is not MethodInfo { IsSpecialName: true })
        where members > 12
        select $"{port.Name} has {members} members: it has more than one role");
}
