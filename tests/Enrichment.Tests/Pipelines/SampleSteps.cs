using System.ComponentModel.DataAnnotations;
using Enrichment.Providers;
using Enrichment.Tests.Providers;

namespace Enrichment.Tests.Pipelines;

/// <summary>A small world of steps for preflight and snapshots.</summary>
internal static class SampleSteps
{
    public static readonly StepCatalogue Catalogue = new([
        StepDescriptor.Of<CompanyDomain>(),
        StepDescriptor.Of<CompanyDomainNext>(),
        StepDescriptor.Of<PersonEmail>(),
        StepDescriptor.Of<ClayCompany>(),
        StepDescriptor.Of<Stamp>(),
    ]);

    [EnrichmentStep(
        "company.domain",
        "1.0.0",
        Reads = ["company.domain", "company.website", "person.email"],
        Produces = ["company.domain"],
        Pure = true)]
    private sealed class CompanyDomain : NoStep;

    [EnrichmentStep(
        "company.domain",
        "2.1.0",
        Reads = ["company.domain", "company.website", "person.email"],
        Produces = ["company.domain"],
        Pure = true)]
    private sealed class CompanyDomainNext : NoStep;

    [EnrichmentStep(
        "person.email",
        "1.0.0",
        Reads = ["person.email"],
        Produces = ["person.email"],
        Pure = true,
        TimeoutSeconds = 5,
        MaxTries = 1)]
    private sealed class PersonEmail : NoStep;

    [EnrichmentStep(
        "clay.company",
        "1.3.0",
        Reads = ["company.domain"],
        Produces = ["company.size=/data/size", "company.domain=/data/domain"],
        SafeToRepeat = true,
        Options = typeof(ClayOptions))]
    private sealed class ClayCompany : NoStep;

    [EnrichmentStep("stamp", "1.0.0", Produces = ["stamped.at"])]
    private sealed class Stamp : NoStep;

    public sealed class ClayOptions
    {
        [Required]
        [Url]
        public string? WebhookUrl { get; init; }

        [Required]
        [Secret]
        public string? ApiKey { get; init; }

        [Range(1, 100)]
        public int PerSecond { get; init; } = 10;
    }
}
