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

    private protected override IEnumerable<(string Setting, string Text)> Texts() => RequestTexts().Append(("poll.url", Poll.Url));

    private protected override IEnumerable<(string Setting, string Url)> Addresses() => base.Addresses().Append(("poll.url", Poll.Url));

    internal override IEnumerable<string> Problems()
    {
        var problems = base.Problems()
            .Concat(UrlTemplate.Problems("poll.url", Poll.Url))
            .Concat(Pointer.Problems("poll.reference", [Poll.Reference]))
            .Concat(Pointer.Problems("poll.progress.status", [Poll.Progress.Status]))
            .Concat(
                new Template(Poll.Url)
                    .Names.Where(name => name is not (Placeholders.Reference or Placeholders.IdempotencyKey))
                    .Select(name =>
                        $"poll.url holds {{{{{name}}}}}, but a poll knows {{{{{Placeholders.Reference}}}}} and {{{{{Placeholders.IdempotencyKey}}}}} only."));
        return Poll.IntervalSeconds is <= 0 or > 86_400
            ? problems.Append(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"poll.intervalSeconds is {Poll.IntervalSeconds}: expected more than 0 and at most 86,400."))
            : problems;
    }
}
