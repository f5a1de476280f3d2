using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Enrichment.Providers.Lookup;

/// <summary>Settings that every lookup has.</summary>
public abstract class LookupOptions : IValidatableObject
{
    private protected LookupOptions()
    {
    }

    /// <summary>
    /// The key of a row: each of its columns, and the field of the record with which it is compared. An item without all of them is
    /// skipped.
    /// </summary>
    public required IReadOnlyDictionary<string, LookupKey> Key { get; init; }

    /// <summary>
    /// For each field that the step produces, the column that answers it. A row in which all of these are empty does not answer.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>How old a row may be. Null: rows do not age.</summary>
    public LookupFreshness? Freshness { get; init; }

    /// <summary>Which rows say that there is nothing to be found. Null: none does.</summary>
    public LookupNothing? Nothing { get; init; }

    /// <summary>Fields that say where the answer comes from.</summary>
    public LookupProvenance Provenance { get; init; } = new();

    /// <summary>What several rows of one key mean. Default: <see cref="LookupRows.One"/>.</summary>
    public LookupRows Rows { get; init; }

    /// <summary>What is wrong with the settings, found at launch.</summary>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        (validationContext.GetService(typeof(StepManifest)) is StepManifest step ? Problems(step) : [])
            .Select(problem => new ValidationResult(problem))
            .Concat(ValueProblems().Select(problem => new ValidationResult(problem.Problem, [problem.Member])));

    /// <summary>What the settings say that cannot be, secrets aside. Each begins with the setting's name.</summary>
    internal virtual IEnumerable<string> Problems(StepManifest step)
    {
        if (Key.Count == 0 || Fields.Count == 0)
        {
            yield return Key.Count == 0
                ? "key names no column. Name those by which a row is found."
                : "fields names no field. Name those that the rows answer, each with its column.";
        }

        // A null takes a part away, once all layers are one.
        foreach (var key in Key.Values.Where(key => key is not null && !step.Reads.Contains(key.Field)))
        {
            yield return $"key compares with '{key.Field}', but step '{step.Slug}' does not declare that it reads it. It reads {List(step.Reads)}. Correct the name, or add it to what the step reads.";
        }

        foreach (var (setting, field) in Answered().Where(answered => !step.Produces.Contains(new(answered.Field))))
        {
            yield return step.Produces.Any(produced => produced.Field == field)
                ? $"{setting} names '{field}', which the step produces at a path; a lookup's fields have their own names in the result. Leave the path out."
                : $"{setting} names '{field}', but step '{step.Slug}' does not declare that it produces it. It produces {List(step.Produces.Select(produced => produced.Field))}. Correct the name, or add it to what the step produces.";
        }

        foreach (var twice in Answered().GroupBy(answered => answered.Field).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Last().Setting} names '{twice.Key}', which has its value from {twice.First().Setting}. Give it a field of its own.";
        }

        (string Setting, double? Days)[] ages = [("freshness.days", Freshness?.Days), ("nothing.days", Nothing?.Days)];
        foreach (var (setting, days) in ages.Where(age => age.Days is not (null or > 0 and <= 36_500)))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{setting} is {days}: expected more than 0 and at most 36500.");
        }

        if (Nothing is not null && Provenance.Outcome is null)
        {
            yield return "nothing is set, but provenance.outcome names no field, so a known absence and a missing row would look the same.";
        }

        if (Freshness is null && (Nothing?.Days is not null || Rows == LookupRows.Freshest))
        {
            yield return (Nothing?.Days is null ? "rows asks for the freshest row" : "nothing.days is set")
                + ", but freshness does not say which column dates it.";
        }

        if (Provenance.Source is null != Provenance.Name is null)
        {
            yield return "provenance.source and provenance.name belong together: the field, and its value.";
        }
    }

    /// <summary>
    /// Problems of the values of secrets, which only a host that has them can see. The engine finds the secret's name by the setting's
    /// name.
    /// </summary>
    private protected virtual IEnumerable<(string Member, string Problem)> ValueProblems() => [];

    private IEnumerable<(string Setting, string Field)> Answered() =>
    [
        .. Fields.Keys.Select(field => ("fields", field)),
        .. Provenance.Outcome is { } outcome ? [("provenance.outcome", outcome)] : Array.Empty<(string, string)>(),
        .. Provenance.Source is { } source ? [("provenance.source", source)] : Array.Empty<(string, string)>(),
        .. Provenance.ObservedAt is { } observed ? [("provenance.observedAt", observed)] : Array.Empty<(string, string)>(),
    ];

    private static string List(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "nothing";
}
