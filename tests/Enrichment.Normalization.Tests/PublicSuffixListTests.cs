namespace Enrichment.Normalization.Tests;

/// <summary>The cases of publicsuffix.org's own test file that concern canonical names, and the sections.</summary>
public sealed class PublicSuffixListTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("a.b.example.example", "example.example")]
    [InlineData("b.domain.biz", "domain.biz")]
    [InlineData("uk.com", null)]
    [InlineData("b.example.uk.com", "example.uk.com")]
    [InlineData("test.ac", "test.ac")]
    [InlineData("c.mm", null)]
    [InlineData("a.b.c.mm", "b.c.mm")]
    [InlineData("www.test.jp", "test.jp")]
    [InlineData("ac.jp", null)]
    [InlineData("www.test.ac.jp", "test.ac.jp")]
    [InlineData("ide.kyoto.jp", null)]
    [InlineData("a.b.ide.kyoto.jp", "b.ide.kyoto.jp")]
    [InlineData("c.kobe.jp", null)]
    [InlineData("a.b.c.kobe.jp", "b.c.kobe.jp")]
    [InlineData("www.city.kobe.jp", "city.kobe.jp")]
    [InlineData("test.ck", null)]
    [InlineData("a.b.test.ck", "b.test.ck")]
    [InlineData("www.www.ck", "www.ck")]
    [InlineData("ak.us", null)]
    [InlineData("www.test.k12.ak.us", "test.k12.ak.us")]
    [InlineData("xn--85x722f.com.cn", "xn--85x722f.com.cn")]
    [InlineData("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn")]
    [InlineData("xn--55qx5d.cn", null)]
    public void The_registrable_part_is_one_label_below_the_suffix(string host, string? expected)
    {
        var suffix = PublicSuffixList.Default.SuffixLength(host, registries: false, out _);
        var registrable = suffix == host.Length ? null : host[(host.LastIndexOf('.', host.Length - suffix - 2) + 1)..];
        Assert.Equal(expected, registrable);
    }

    [Fact]
    public void Rules_of_registries_can_be_asked_alone()
    {
        const string Host = "acme.github.io";
        Assert.Equal("github.io".Length, PublicSuffixList.Default.SuffixLength(Host, registries: false, out _));
        Assert.Equal("io".Length, PublicSuffixList.Default.SuffixLength(Host, registries: true, out _));
    }

    [Fact]
    public void A_suffix_without_a_rule_is_the_last_label_and_unlisted()
    {
        Assert.Equal("example".Length, PublicSuffixList.Default.SuffixLength("a.b.example", registries: false, out var listed));
        Assert.False(listed);
    }

    [Fact]
    public void One_name_may_have_rules_in_both_sections()
    {
        var list = new PublicSuffixList([
            "// ===BEGIN ICANN DOMAINS===",
            "test",
            "city.test",
            "// ===BEGIN PRIVATE DOMAINS===",
            "*.city.test",
        ]);
        Assert.Equal("city.test".Length, list.SuffixLength("a.b.city.test", registries: true, out _));
        Assert.Equal("b.city.test".Length, list.SuffixLength("a.b.city.test", registries: false, out _));
    }

    [Fact]
    public void The_embedded_list_is_whole() => Assert.InRange(PublicSuffixList.Default.Count, 9_000, 20_000);
}
