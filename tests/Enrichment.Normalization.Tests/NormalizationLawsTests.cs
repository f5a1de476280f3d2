using CsCheck;

namespace Enrichment.Normalization.Tests;

/// <summary>What holds for every type and every text: no exception, a fixed point, time in proportion to the length.</summary>
public sealed class NormalizationLawsTests
{
    private const int Samples = 5_000;

    /// <summary>Each type as a function from text to its canonical form, null where the text is refused.</summary>
    private static readonly Dictionary<string, Func<string, string?>> Canonical = new()
    {
        ["domain"] = text => Domain.TryParse(text, out var domain) ? domain.Value : null,
        ["domain, for people"] = text => Domain.TryParse(text, out var domain) ? domain.Unicode : null,
        ["e-mail address"] = text => EmailAddress.TryParse(text, out var address) ? address.Value : null,
        ["full name"] = text => PersonName.TryParse(text, out var name) ? name.Full : null,
        ["company name"] = text => CompanyName.TryParse(text, out var name) ? name.Display : null,
        ["phone number"] = text => PhoneNumber.TryParse(text, "GB", out var number) ? number.ToString() : null,
        ["country"] = text => Country.TryParse(text, out var country) ? country.Alpha2 : null,
        ["LinkedIn address"] = text => LinkedInUrl.TryParse(text, out var url) ? url.Value : null,
        ["company key"] = text => CompanyKey.Of(text, text, text),
        ["person key"] = text => PersonKey.Of(text, text),
        ["not blank"] = BlankText.ToNull,
    };

    public static TheoryData<string> Types => [.. Canonical.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void The_canonical_form_of_any_text_is_its_own_canonical_form(string type)
    {
        var canonical = Canonical[type];
        HostileText.Any.Sample(
            text => canonical(text) is not { } once || canonical(once) == once,
            iter: Samples,
            print: text => $"\"{Escape(text)}\" → {Escape(canonical(text))} → {Escape(canonical(canonical(text)!))}");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_canonical_form_is_well_formed_text_without_controls(string type)
    {
        var canonical = Canonical[type];
        HostileText.Any.Sample(
            text => type == "not blank" || canonical(text) is not { } once || IsWellFormed(once),
            iter: Samples,
            print: Escape);
    }

    [Fact]
    public void The_parts_of_a_name_are_their_own_canonical_form() =>
        Gen.Select(HostileText.Any, HostileText.Any, HostileText.Any)
            .Sample(
                (first, last, full) =>
                    !PersonName.TryParse(first, last, full, out var once)
                    || (PersonName.TryParse(once.First, once.Last, once.Full, out var twice) && once == twice),
                iter: Samples,
                print: parts =>
                {
                    PersonName.TryParse(parts.Item1, parts.Item2, parts.Item3, out var once);
                    PersonName.TryParse(once?.First, once?.Last, once?.Full, out var twice);
                    return Escape(
                        $"[{parts.Item1}] [{parts.Item2}] [{parts.Item3}] → [{once?.First}] [{once?.Last}] [{once?.Full}] → [{twice?.First}] [{twice?.Last}] [{twice?.Full}]");
                });

    [Fact]
    public void A_company_name_for_people_has_the_key_of_the_name_that_it_came_from() => HostileText.Any.Sample(
        text => !CompanyName.TryParse(text, out var once) || (CompanyName.TryParse(once.Display, out var twice) && once == twice),
        iter: Samples,
        print: Escape);

    [Theory]
    [MemberData(nameof(Types))]
    public void Very_long_text_is_read_to_its_end(string type)
    {
        // An expression that goes back and forth over them would not end within the time after which a test counts as hung.
        Assert.All(HostileText.Long, text => Canonical[type](text));
    }

    private static bool IsWellFormed(string text) => text.Length > 0 && text.IsNormalized()
        && !text.Any(char.IsControl) && text.Trim() == text && !text.Contains("  ", StringComparison.Ordinal);

    private static string Escape(string? text) =>
        text is null ? "∅" : string.Concat(text.Select(c => c is > ' ' and < (char)127 or ' ' ? c.ToString() : $"\\u{(int)c:X4}"));
}
