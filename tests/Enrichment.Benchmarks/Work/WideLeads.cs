using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Work;

/// <summary>A typed table of 40 columns over the uploaded cells and the answers of all three steps, most with a second source.</summary>
internal static class WideLeads
{
    private static readonly string[] Headers =
    [
        "First Name", "Last Name", "Title", "Email", "Person Linkedin Url", "Company Name",
        "Website", "Company Linkedin Url", "Industry", "City", "State", "Country",
    ];

    private static readonly string[] Texts =
    [
        "provider", "normalized_company_name", "normalized_company_domain", "title", "seniority", "city", "state", "country", "summary",
    ];

    public static readonly Projection Projection = Projection.Define("wide_leads", p =>
    {
        for (var i = 0; i < Headers.Length; i++)
        {
            var header = Headers[i];
            p.Text($"cell_{i + 1}", s => s.Column(header));
        }

        foreach (var (step, number) in new[] { ("bench.one", 1), ("bench.two", 2), ("bench.three", 3) })
        {
            for (var i = 0; i < Texts.Length - number; i++)
            {
                var (place, header) = ($"/{Texts[i]}", Headers[i]);
                p.Text($"text_{number}_{i + 1}", s => s.Result(step, place).Column(header));
            }
        }

        p.Integer("employees", s => s.Result("bench.two", "/employee_count"))
            .Integer("founded", s => s.Result("bench.two", "/founded_year"))
            .Integer("version", s => s.Result("bench.one", "/version"))
            .Number("confidence", s => s.Result("bench.one", "/confidence"))
            .Number("confidence_again", s => s.Result("bench.three", "/confidence"))
            .Boolean("is_current", s => s.Result("bench.three", "/is_current"))
            .Json("answer", s => s.Result("bench.three", ""));
    });
}
