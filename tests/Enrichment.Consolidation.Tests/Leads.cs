using System.Globalization;
using System.Text.Json;

namespace Enrichment.Consolidation.Tests;

/// <summary>A dirty upload, its answers, and the projections that tests make of them.</summary>
internal static class Leads
{
    public static readonly string[] Columns = ["Email", "Company", "# Employees", "Founded", "Email", "Notes"];

    public static readonly Dictionary<string, int[]> HeaderMap = new()
    {
        ["person.email"] = [0, 4],
        ["company.name"] = [1],
        ["company.employee_count"] = [2],
    };

    public static readonly Projection ByItem = Projection.Define("final_leads", p => Typed(p));

    public static readonly Projection ByEmail = Projection.Define("people", p => Typed(p.Key("email")));

    public static string?[] Row(int number) =>
        [
            number % 5 == 0 ? " " : string.Create(CultureInfo.InvariantCulture, $"p{number % 700}@acme.com"),
            number % 7 == 0 ? "=cmd|' /C calc'!A0" : $"Acmé \"{number}\", Inc.",
            (number % 6) switch
            {
                0 => "1,234",
                1 => "67.0",
                2 => "n/a",
                3 => "51-200",
                4 => "",
                _ => number.ToString(CultureInfo.InvariantCulture),
            },
            number % 3 == 0 ? "2023-02-30" : "2023-02-28",
            string.Create(CultureInfo.InvariantCulture, $"second{number % 900}@acme.com"),
            number % 4 == 0 ? "漢\r\nline" : null,
        ];

    public static string? Answer(int number) =>
        number % 9 == 0
            ? null
            : JsonSerializer.Serialize(
                new
                {
                    company = new
                    {
                        employee_count = number % 2 == 0 ? (object)number : "about 50",
                        score = number / 8m,
                        tags = new[] { "b2b", number.ToString(CultureInfo.InvariantCulture) },
                    },
                    seen = number % 2 == 0 ? "2024-05-06T07:08:09.123456+02:00" : "2024-05-06 07:08",
                    active = number % 2 == 0,
                });

    public static async Task<Batch> RunAsync(Ground ground, int rows, string client = "acme", int first = 1)
    {
        var upload = await ground.UploadAsync(client, Columns, HeaderMap, [.. Enumerable.Range(first, rows).Select(Row)]);
        var batch = await ground.LaunchAsync(upload, ("vendor.company", ["company.employee_count=/company/employee_count"]));
        await ground.AnswerAsync(batch, 1, last: true, item => Answer(item + first - 1));
        return batch;
    }

    private static ProjectionBuilder Typed(ProjectionBuilder p) => p
        .Text("email", s => s.Field("person.email"))
        .Text("company", s => s.Result("vendor.company", "/company/name").Field("company.name"))
        .Integer("employee_count", s => s.Field("company.employee_count").Column("# Employees"))
        .Number("score", s => s.Result("vendor.company", "/company/score"))
        .Boolean("active", s => s.Result("vendor.company", "/active"))
        .Date("founded", s => s.Column("Founded"))
        .Timestamp("seen_at", s => s.Result("vendor.company", "/seen"))
        .TextList("tags", s => s.Result("vendor.company", "/company/tags"))
        .Json("vendor", s => s.Result("vendor.company", "/company"))
        .Text("notes", s => s.Column("Notes"))
        .Text("nowhere", s => s.Field("no.field").Result("no.step", "/x").Column("No Column"));
}
