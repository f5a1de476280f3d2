using Enrichment.Providers;
using NuGet.Versioning;

namespace Enrichment.Tests.Providers;

public class StepCatalogueTests
{
    private static readonly StepCatalogue Catalogue = new(
        [StepDescriptor.Of<SizeOne>(), StepDescriptor.Of<SizeOnePointTen>(), StepDescriptor.Of<SizeTwo>(), StepDescriptor.Of<SizeThree>()]);

    [Theory]
    [InlineData("", "2.0.0")]
    [InlineData("[1.0,2.0)", "1.10.0")]
    [InlineData("[1.0.0]", "1.0.0")]
    [InlineData("1.5", "2.0.0")]
    [InlineData("[3.0.0-alpha,)", "3.0.0-beta")]
    [InlineData("[4.0,)", null)]
    public void The_highest_version_that_will_do_is_taken_and_a_release_before_a_pre_release(string range, string? version)
    {
        Catalogue.TryResolve("company.size", range.Length == 0 ? VersionRange.All : VersionRange.Parse(range), out var step);
        Assert.Equal(version, step?.Manifest.Version);
    }

    [Fact]
    public void Versions_stand_side_by_side_in_their_own_order()
    {
        Assert.Equal(["1.0.0", "1.10.0", "2.0.0", "3.0.0-beta"], Catalogue.Versions("company.size").Select(step => step.Manifest.Version));
        Assert.Equal(["1.0.0", "1.10.0", "2.0.0", "3.0.0-beta"], Catalogue.Manifests.Select(manifest => manifest.Version));
        Assert.Same(typeof(SizeOnePointTen), Catalogue.Find("company.size", "1.10.0")?.Type);
        Assert.Null(Catalogue.Find("company.size", "1.10.1"));
        Assert.Null(Catalogue.Find("company.age", "1.0.0"));
    }

    [Fact]
    public void Steps_of_other_hosts_are_known_but_this_host_prefers_its_own()
    {
        var both = Catalogue.With([
            new() { Slug = "company.size", Version = "9.0.0" },
            new()
            {
                Slug = "company.size",
                Version = "2.0.0",
                MaxTries = 9,
            },
            new() { Slug = "clay.company", Version = "1.0.0" },
            new() { Slug = "", Version = "" },
        ]);
        Assert.True(both.TryResolve("company.size", VersionRange.All, out var own));
        Assert.Equal(("2.0.0", 4), (own.Manifest.Version, own.Manifest.MaxTries));
        Assert.True(both.TryResolve("company.size", VersionRange.Parse("[9.0,)"), out var foreign));
        Assert.Null(foreign.Descriptor);
        Assert.Null(both.Find("clay.company", "1.0.0"));
        Assert.Equal(["clay.company", "company.size"], both.Slugs);
        Assert.Equal(4, both.Manifests.Count);
        Assert.Equal(["company.size"], Catalogue.Slugs);
    }

    [Fact]
    public void The_same_step_twice_is_no_contradiction() =>
        Assert.Single(new StepCatalogue([StepDescriptor.Of<SizeOne>(), StepDescriptor.Of<SizeOne>()]).Manifests);

    [Fact]
    public void Two_classes_under_one_slug_and_version_are_refused_by_both_names()
    {
        var error = Assert.Throws<EnrichmentException>(() =>
            new StepCatalogue([StepDescriptor.Of<SizeOne>(), StepDescriptor.Of<SizeOneAgain>()]));
        Assert.Equal(
            $"""
            The steps of this host cannot be used.
            {typeof(SizeOne)} and {typeof(SizeOneAgain)} are both step 'company.size' 1.0.0+build. Give one of them another version or another slug.
            """, error.Message, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Every_mistake_of_a_manifest_is_told_with_its_class()
    {
        var error = Assert.Throws<EnrichmentException>(() => new StepCatalogue([StepDescriptor.Of<Hopeless>()]));
        var type = typeof(Hopeless);
        Assert.Equal($"""
            The steps of this host cannot be used.
            {type}: 'Company Size' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.
            {type}: '1.0' is not a semantic version such as 1.0.0.
            {type}: MaxTries is 0: expected 1 to 100.
            {type}: the time-out is 1 h 1 s: expected more than zero and at most 1 h.
            {type}: 'Company' is not a field: expected lower-case names joined by dots, such as person.first_name, at most 100 characters.
            {type}: 'a' occurs twice in Reads. Remove one of them.
            {type}: 'b' occurs twice in Produces. A field has one place in a result.
            {type}: '/x~2' is not a JSON pointer: a '~' in a name is written '~0', a '/' is written '~1'.
            """, error.Message, ignoreLineEndingDifferences: true);
    }

    [EnrichmentStep("company.size", "1.0.0")]
    private sealed class SizeOne : NoStep;

    [EnrichmentStep("company.size", "1.0.0+build")]
    private sealed class SizeOneAgain : NoStep;

    [EnrichmentStep("company.size", "1.10.0")]
    private sealed class SizeOnePointTen : NoStep;

    [EnrichmentStep("company.size", "2.0.0")]
    private sealed class SizeTwo : NoStep;

    [EnrichmentStep("company.size", "3.0.0-beta")]
    private sealed class SizeThree : NoStep;

    [EnrichmentStep("Company Size", "1.0", Reads = ["a", "a", "Company"], Produces = ["b", "b=/x~2"], MaxTries = 0, TimeoutSeconds = 3601)]
    private sealed class Hopeless : NoStep;
}
