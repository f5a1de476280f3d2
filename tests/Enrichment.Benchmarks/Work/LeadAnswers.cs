using System.Globalization;
using System.Text;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// What three vendors answer for a lead, 3.6 kB of JSON in all. <c>{n}</c> is the item, <c>{c}</c> its company, which four items share,
/// <c>{s}</c> one of 8 values and <c>{e}</c> one of 1,000, both of its company, and <c>{v}</c> the attempt: an answer to another attempt
/// differs.
/// </summary>
internal static class LeadAnswers
{
    private const int Few = 8;
    private const int Many = 1_000;

    private static readonly string[] Texts =
    [
        """
        {"full_name":"Jonathan Featherstone {n}","headline":"Vice President of Engineering at Example Company {c}, seen {v}","current_title":"Vice President of Engineering","seniority":"level {s}","department":"department {s}","city":"San Francisco","region":"California","country":"Country {s}","linkedin":"https://www.linkedin.com/in/jonathan-featherstone-{n}","followers":"1,234","connections":500,"open_to_work":false,"updated":"2026-10-14T08:30:00Z","confidence":0.97,"skills":["go to market","data engineering","people management"],"experience":[{"title":"Vice President of Engineering","company":"Example Company {c}","domain":"example-company-{c}.com","start":"2023-02-01","end":null,"current":true},{"title":"Director of Engineering","company":"Former Company {n}","domain":"former-company-{n}.com","start":"2019-05-01","end":"2023-01-31","current":false},{"title":"Software Engineer","company":"First Company","domain":"first-company.com","start":"2012-09-01","end":"2019-04-30","current":false}],"education":[{"school":"University of Edinburgh","degree":"MSc","field":"Computer Science","from":2008,"to":2010},{"school":"University of Glasgow","degree":"BSc","field":"Mathematics","from":2004,"to":2008}]}
        """,
        """
        {"name":"Example Company {c}","domain":"example-company-{c}.com","website":"https://www.example-company-{c}.com","linkedin":"https://www.linkedin.com/company/example-company-{c}","industry":"industry {e}","employee_count":{e},"size":"size {s}","founded":2009,"revenue":"12500000.50","public":false,"phone":"+1 415 555 0100","hq":{"street":"548 Market Street","city":"San Francisco","state":"California","country":"United States","zip":"94104"},"description":"Builds and operates data products for go-to-market teams in Europe and Asia as well. Its customers are companies of every size that sell to other companies, and its partners are the vendors of the data that they need for that. Seen {v}.","tags":["software","data","sales","marketing"],"technologies":[{"name":"Snowflake","category":"warehouse","since":"2021-03-01"},{"name":"Salesforce","category":"crm","since":"2015-01-15"},{"name":"Kubernetes","category":"infrastructure","since":"2019-11-30"}],"funding":[{"round":"Series A","amount":12000000,"date":"2018-06-01","lead":"Example Ventures"},{"round":"Series B","amount":"45000000.75","date":"2021-09-15","lead":"Second Example Capital"}]}
        """,
        """
        {"email":"jonathan.featherstone.{n}@example-company-{c}.com","status":"valid","score":97,"catch_all":false,"provider":"google","verified_at":"2026-10-{v}","disposable":false,"role":false,"phones":["+1 415 555 0100","+1 415 555 0101"],"signals":{"opened":3,"clicked":1,"bounced":0,"last_open":"2026-10-01","sources":["web","newsletter","conference"],"score":{"fit":0.83,"intent":0.41}},"mx":["aspmx.l.google.com","alt1.aspmx.l.google.com","alt2.aspmx.l.google.com"],"history":[{"at":"2026-09-01","status":"valid"},{"at":"2026-08-01","status":"valid"},{"at":"2026-07-01","status":"unknown"}],"summary":"Answers within a day, prefers mail to telephone, and has opened three of the last five newsletters. The address is of the company's own domain, which takes mail from everybody and rejects addresses that it does not know. Nothing else is known of this person from other customers of the vendor, or it may not be told."}
        """,
    ];

    /// <summary>An expression of PostgreSQL over the stage <c>s</c> and the item <c>i</c>: the answer to the first attempt.</summary>
    public static string Sql =>
        $"replace(replace(replace(replace((array[{string.Join(", ", Texts.Select(text => $"$t${text.Replace("{v}", "01", StringComparison.Ordinal)}$t$"))}])[s], '{{n}}', i::text), '{{c}}', (i / 4)::text), '{{s}}', (i / 4 % {Few})::text), '{{e}}', (i / 4 % {Many})::text)";

    /// <summary>How many companies so many items have.</summary>
    public static int Companies(int items) => (items / 4) + 1;

    /// <summary>The answer of a stage, from 1.</summary>
    public static byte[] Of(int stage, int item, int attempt) => Encoding.UTF8.GetBytes(
        new StringBuilder(Texts[stage - 1])
            .Replace("{n}", item.ToString(CultureInfo.InvariantCulture))
            .Replace("{c}", (item / 4).ToString(CultureInfo.InvariantCulture))
            .Replace("{s}", (item / 4 % Few).ToString(CultureInfo.InvariantCulture))
            .Replace("{e}", (item / 4 % Many).ToString(CultureInfo.InvariantCulture))
            .Replace("{v}", attempt.ToString("00", CultureInfo.InvariantCulture))
            .ToString());
}
