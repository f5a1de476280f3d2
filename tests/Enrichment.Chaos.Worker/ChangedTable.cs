using System.Globalization;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Filling;

namespace Enrichment.Chaos.Worker;

/// <summary>
/// A typed table whose definition changes again and again: with child rows, issues and answers of a step. A generation says in each row
/// which it is. By turns it has a row for each item, the youngest item's for each company, and one that is folded column by column.
/// </summary>
public static class ChangedTable
{
    /// <summary>The projection, and the view of its rows.</summary>
    public const string Name = "companies";

    /// <summary>Child rows of each row.</summary>
    public const int Jobs = 2;

    private const int ItemsOfCompany = 4;
    private const int Grains = 3;

    /// <summary>A generation's definition.</summary>
    /// <param name="generation">The generation, from 0.</param>
    /// <param name="name">The projection's name.</param>
    public static Projection Of(int generation, string name = Name) => Projection.Define(name, p =>
    {
        p.Text("domain", s => s.Column("Domain"))
            .Text("name", s => s.Field("company.name"))
            .Text("label", s => s.Field("company.label"))
            .Integer("employees", s => s.Column("Employees"))
            .Is("grown", Invariant($"employees + {generation}"))
            .Is("generation", Invariant($"{generation}"))
            .Children("jobs", c => c
                .Table($"{name}_jobs")
                .Each(s => s.Column("Jobs"))
                .Key("title")
                .Text("title", s => s.At("/title"))
                .Integer("year", s => s.At("/year"))
                .Is("later", Invariant($"year + {generation}")));
        if (IsKeyed(generation))
        {
            p.Key("domain");
        }

        if (generation % Grains == Grains - 1)
        {
            p.FoldColumns();
        }
    });

    /// <summary>Whether a generation has a row for each company, and not for each item.</summary>
    public static bool IsKeyed(int generation) => generation % Grains > 0;

    /// <summary>How many rows a generation has.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="batches">The items of each batch. All batches have the same companies, as far as they reach.</param>
    public static int Rows(int generation, IReadOnlyCollection<int> batches) =>
        IsKeyed(generation) ? ((batches.Max() - 1) / ItemsOfCompany) + 1 : batches.Sum();

    /// <summary>The file of a batch. Some cells of it cannot be cast.</summary>
    public static string Csv(int batch, int items) => "Company Name,Domain,Employees,Jobs\n" + string.Concat(Enumerable
        .Range(0, items)
        .Select(item =>
        {
            var employees = item % 7 == 3 ? "many" : Invariant($"{item}");
            var year = item % 5 == 2 ? "unknown" : "2000";
            var jobs = $$"""[{"title":"Clerk","year":"{{year}}"},{"title":"Head","year":"2010"}]""";
            return Invariant(
                $"Company {batch}-{item},c{item / ItemsOfCompany}.example,{employees},\"{jobs.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n");
        }));

    /// <summary>Does what an operator or a sweep does. Repeated after a kill, it goes on.</summary>
    /// <param name="store">The transactions.</param>
    /// <param name="generation">The host's definition.</param>
    /// <param name="act"><c>apply</c>, <c>sweep</c>, or the number of a version to go back to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal static async Task ActAsync(IProjectionTransactions store, int generation, string act, CancellationToken cancellationToken)
    {
        var versions = new VersionOperations(store, Of(generation));
        switch (act)
        {
            case "apply":
                await versions.ApplyAsync(hold: false, cancellationToken);
                break;
            case "sweep":
                await new VersionSweep(store).RunAsync(TimeSpan.Zero, cancellationToken);
                break;
            default:
                var back = int.Parse(act, CultureInfo.InvariantCulture);
                if ((await versions.ListAsync(cancellationToken)).Single(version => version.Version == back).Status != "live")
                {
                    await versions.RollBackAsync(back, cancellationToken);
                }

                break;
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
