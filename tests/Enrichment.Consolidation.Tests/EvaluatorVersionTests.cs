using System.Security.Cryptography;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests;

/// <summary>What the evaluator makes of its vectors is bound to its version.</summary>
public sealed class EvaluatorVersionTests
{
    // The tests hold the evaluator to the vectors of casts and expressions. If one of them gives something else now, raise
    // RowEvaluator.Version: then each table is built anew, beside the old one. If vectors were only added, put the new hash here.
    private const int Version = 1;
    private const string Hash = "0df28d55040b0b73075ea2fcec6f17a6a8637da0084fe2cc6b4208f182ffe165";

    private static readonly string[] Texts =
    [
        "https://www.Acme.co.uk/about", "acme.com", "not a domain", " Jane.Doe+x@Acme.com ", "@", "Acmé Holding GmbH & Co. KG", "ACME, INC.",
        "Deutschland", "UK", "Atlantis", "dr. jane  DOE-Smith", "linkedin.com/in/jane-doe?x=1", "https://linkedin.com/company/acme/",
        "+49 (0)89 123456", "0049 89 123456", "089 123456", "",
    ];

    [Fact]
    public void A_change_of_what_is_evaluated_raises_the_version()
    {
        var assembly = typeof(EvaluatorVersionTests).Assembly;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in assembly
            .GetManifestResourceNames()
            .Where(name => name.EndsWith(".jsonl", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            hash.AppendData(Encoding.UTF8.GetBytes(reader.ReadToEnd().ReplaceLineEndings("\n")));
        }

        foreach (var form in TextForm.All.Split(", "))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Texts.Select(text => $"{form} {text} {TextForm.Find(form)!.Of(text)}"))));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Texts.Select(text => string.Join(' ', SearchedWords.Of([text]))))));
        var now = (RowEvaluator.Version, Hash: Convert.ToHexStringLower(hash.GetHashAndReset()));
        Assert.True(now == (Version, Hash), $"The vectors of version {now.Version} have the hash {now.Hash}.");
    }
}
