using System.Globalization;
using System.Text.Json;

namespace Enrichment.Providers.Http.Vendors;

/// <summary>
/// The entity in a document, in the terms of <see cref="EntityAttribute"/>. Its defaults are the same.
/// </summary>
internal sealed class DeclaredEntity
{
    private const double MostDays = 366;

    public string? Kind { get; init; }

    public IReadOnlyList<string?>? Keys { get; init; }

    public IReadOnlyList<string?>? CompanyKeys { get; init; }

    public double? FreshDays { get; init; }

    public double? FreshNotFoundDays { get; init; }

    public bool? CallsWithoutKey { get; init; }

    public bool? MayBeShared { get; init; }

    /// <returns>Null if there is a problem.</returns>
    public static StepEntity? Read(JsonElement value, IReadOnlyList<string> reads, Action<string, string> refuse)
    {
        List<(string Pointer, string Problem)> problems = [.. SettingsShape.Problems(value, typeof(DeclaredEntity), "/entity")];
        var said = problems.Count > 0 ? null : SettingsShape.Bind<DeclaredEntity>(value);
        problems.AddRange(said?.Problems(reads) ?? []);
        foreach (var (pointer, problem) in problems)
        {
            refuse(pointer, problem);
        }

        return said is null || problems.Count > 0 ? null : said.Entity();
    }

    private StepEntity Entity()
    {
        var usual = new StepEntity(Kind!, [.. Keys!.OfType<string>()]);
        return usual with
        {
            CompanyKeys = CompanyKeys is { } companies ? [.. companies.OfType<string>()] : usual.CompanyKeys,
            Fresh = FreshDays is { } fresh ? TimeSpan.FromDays(fresh) : usual.Fresh,
            FreshNotFound = FreshNotFoundDays is { } nothing ? TimeSpan.FromDays(nothing) : usual.FreshNotFound,
            CallsWithoutKey = CallsWithoutKey == true,
            MayBeShared = MayBeShared == true,
        };
    }

    private IEnumerable<(string Pointer, string Problem)> Problems(IReadOnlyList<string> reads)
    {
        if (Kind is null)
        {
            yield return ("/entity", "'kind' is missing: company, person, email, or a word of your own, whose keys are compared as text.");
        }

        if (Keys is null or [])
        {
            yield return (
                "/entity",
                "'keys' is missing: the fields among those of reads that may hold the key, such as [\"company.domain\"].");
        }

        if (CompanyKeys is [_, ..] && Kind is not (null or "person"))
        {
            yield return ("/entity/companyKeys", $"only the kind person has the key of a company, not {Kind}. Remove it.");
        }

        var named = (Keys ?? []).Index().Select(key => ("keys", key.Index, key.Item))
            .Concat((CompanyKeys ?? []).Index().Select(key => ("companyKeys", key.Index, key.Item)));
        foreach (var (list, index, key) in named.Where(field => field.Item is null || !reads.Contains(field.Item)))
        {
            yield return (
                $"/entity/{list}/{index}",
                $"{(key is null ? "null" : $"'{key}'")} is not among the fields that the step reads: {(reads.Count == 0 ? "it reads nothing" : string.Join(", ", reads))}. Correct the name, or add it to reads.");
        }

        (string Name, double? Days)[] windows = [("freshDays", FreshDays), ("freshNotFoundDays", FreshNotFoundDays)];
        foreach (var (name, days) in windows.Where(window => window.Days is < 0 or > MostDays))
        {
            yield return ($"/entity/{name}", $"expected 0 to {MostDays} days, found {days!.Value.ToString(CultureInfo.InvariantCulture)}.");
        }
    }
}
