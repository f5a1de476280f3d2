using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>Settings of a <see cref="HttpBulkStep"/>.</summary>
public sealed class HttpBulkOptions : HttpOptions
{
    /// <summary>How items are packed, and their answers found.</summary>
    public required HttpBulkSettings Bulk { get; init; }

    internal override IEnumerable<string> Problems()
    {
        var problems = base.Problems()
            .Concat(Pointer.Problems("bulk.answers", [Bulk.Answers]))
            .Concat(Pointer.Problems("bulk.key", [Bulk.Key]));
        var names = NamesIn(RequestTexts()).Select(use => use.Name).ToList();
        problems = names.Contains(Placeholders.Items)
            ? problems
            : problems.Append(
                "request.body has no \"{{items}}\", so no item would be sent. Write it where the vendor expects the array.");
        return problems.Concat(
            names
                .Where(name => name != Placeholders.Items)
                .Distinct()
                .Select(name => $"request holds {{{{{name}}}}}, but one call serves many items. Write it into bulk.item."));
    }

    private protected override IEnumerable<(string Setting, string Text)> Texts() => RequestTexts().Concat(ItemTexts());

    private protected override IEnumerable<(string Setting, string Name)> Names() => NamesIn(ItemTexts());

    private IEnumerable<(string Setting, string Text)> ItemTexts() =>
        JsonTemplate.Texts(Bulk.Item).Select(text => ("bulk.item", text)).Append(("bulk.match", Bulk.Match));
}
