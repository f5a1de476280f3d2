using System.ComponentModel.DataAnnotations;

namespace Enrichment.EndToEnd.Tests.Guide;

public sealed class CompanySizeOptions
{
    public Uri Endpoint { get; init; } = new("https://api.example.com/v1/companies");

    [Range(1, 90)]
    public int MaxAgeDays { get; init; } = 30;

    [Secret]
    public required string ApiKey { get; init; }
}
