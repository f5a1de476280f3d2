namespace Enrichment.Benchmarks.Work;

/// <summary>What every step answers: 437 bytes of canonical JSON.</summary>
internal static class Answer
{
    public const string Text =
        """{"provider":"noop","version":3,"confidence":0.97,"normalized_company_name":"Example Company 1234","normalized_company_domain":"example-company-1234.com","title":"Vice President of Engineering","seniority":"vp","city":"San Francisco","state":"California","country":"United States","employee_count":1234,"founded_year":2009,"is_current":true,"summary":"Builds and operates data products for go-to-market teams in Europe and Asia as well."}""";

    public static readonly ReadOnlyMemory<byte> Bytes = System.Text.Encoding.UTF8.GetBytes(Text);
}
