using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

public sealed class PublicApiTests
{
    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void Is_approved(string package) => Snapshot.Match(PublicApi.Of(Package.Named(package).Assembly), package);
}
