using System.Globalization;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>Settings of a <see cref="HttpPollStep"/>.</summary>
public sealed class HttpPollOptions : HttpOptions
{
    /// <summary>How the answer is fetched.</summary>
    public required HttpPollSettings Poll { get; init; }

    /// <summary>Whether the answer can be fetched only by a name that the vendor gave to the call.</summary>
    internal bool NeedsReference => new Template(Poll.Url).Names.Contains(Placeholders.Reference);

    internal override bool TakesSilently => !NeedsReference;

    private protected override IEnumerable<(string Setting, string Text)> Texts() => RequestTexts().Append(("Poll.Url", Poll.Url));

    private protected override IEnumerable<(string Setting, string Url)> Addresses() => base.Addresses().Append(("Poll.Url", Poll.Url));

    internal override IEnumerable<string> Problems()
    {
        var problems = base.Problems()
            .Concat(UrlTemplate.Problems("Poll.Url", Poll.Url))
            .Concat(Pointer.Problems("Poll.Reference", [Poll.Reference]))
            .Concat(Pointer.Problems("Poll.Progress.Status", [Poll.Progress.Status]))
            .Concat(new Template(Poll.Url).Names
                .Where(name => name is not (Placeholders.Reference or Placeholders.IdempotencyKey))
                .Select(name => $"Poll.Url holds {{{{{name}}}}}, but a poll knows {{{{{Placeholders.Reference}}}}} and {{{{{Placeholders.IdempotencyKey}}}}} only."));
        return Poll.IntervalSeconds is <= 0 or > 86_400 ? problems.Append(string.Create(CultureInfo.InvariantCulture, $"Poll.IntervalSeconds is {Poll.IntervalSeconds}: expected more than 0 and at most 86,400.")) : problems;
    }
}
