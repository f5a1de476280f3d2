using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Cli.Commands;

/// <summary>Asks the live table of a projection for rows, counts and facets.</summary>
internal sealed class LeadsCommand : CliCommand
{
    private const int UsualRows = 20;
    private const int MostRows = 1_000;

    private readonly Argument<string?> name = ProjectionArgument.OfStored();
    private readonly Option<string[]> where = new("--where")
    {
        Description = "Only rows that satisfy this condition on the columns of the table, as JSON; may be repeated.",
        HelpName = "CONDITION",
    };

    private readonly Option<string?> search = new("--search")
    {
        Description = "Only rows with words that begin like each word of this text, in searched columns.",
        HelpName = "WORDS",
    };

    private readonly Option<string[]> sort = new("--sort")
    {
        Description = "Sort by this column; may be repeated. 'company_employee_count:desc' puts the greatest first. Rows without a value come last.",
        HelpName = "COLUMN[:desc]",
    };

    private readonly Option<string?> batch = new("--batch")
    {
        Description = $"Only rows of this batch. {BatchId.Description}",
        HelpName = "BATCH",
    };

    private readonly Option<string[]> columns = new("--column")
    {
        Description = "Show this column; may be repeated. Without it: all.",
        HelpName = "COLUMN",
    };

    private readonly Option<int> limit = new Option<int>("--limit")
    {
        Description = "How many rows the page has, or how many values each facet.",
        HelpName = "N",
        DefaultValueFactory = _ => UsualRows,
    }.AcceptOnlyFrom(1, MostRows);

    private readonly Option<string?> cursor = new("--cursor")
    {
        Description = "The page that a page of the same query names as its next or previous.",
        HelpName = "CURSOR",
    };

    private readonly Option<string?> asOf = AsOfOption.Create();
    private readonly Option<bool> count = new("--count") { Description = "Count the rows instead of showing them, to the last." };
    private readonly Option<string[]> facets = new("--facets")
    {
        Description =
            "Count the values of these columns instead of showing rows, such as company_country,company_size_bucket. A column's own conditions do not count for its facet.",
        HelpName = "COLUMN,COLUMN",
    };

    private readonly Option<bool> availability = new("--availability")
    {
        Description = "Count for each column the rows that have a value, instead of showing rows.",
    };

    private readonly Option<string?> output = new("--output", "-o")
    {
        Description = $"Write all rows to this file instead of showing a page. {Output.Description}",
        HelpName = "FILE",
    };

    private readonly FormatOptions format = new();
    private readonly Option<string?> child = new("--child")
    {
        Description = "Write the rows of this child table instead: batch, item, and its columns, for the rows that are found.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> children = new("--with-children")
    {
        Description = "Write the rows of this child table into the row of their item, in a format that has lists; may be repeated.",
        HelpName = "NAME",
    };

    public LeadsCommand()
        : base(
            "leads",
            "Finds rows of a typed table: those of the client, in an order, page by page, or all of them in a file. Reads the live table as it is; 'enrich consolidate' brings it up to date.",
            "enrich leads final_leads --sort company_employee_count:desc --limit 50",
            "enrich leads final_leads --search 'ann smi'",
            """enrich leads final_leads --where '{"field": "company_country", "in": ["DE", "AT"]}' --count --facets company_size_bucket,company_industry""",
            """enrich leads final_leads --where '{"child": "work_history", "any": {"field": "title", "contains": "head"}}' --json""",
            """enrich leads final_leads --where '{"field": "company_employee_count", "ge": 50}' --column person_email --column company_name --output leads.csv""",
            "enrich leads final_leads --with-children work_history --output leads.jsonl")
    {
        Arguments.Add(name);
        foreach (var option in (Option[])
            [
                where, search, sort, batch, columns, limit, cursor, asOf, count, facets, availability,
                output, .. format.All, child, children,
            ])
        {
            Options.Add(option);
        }
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RefuseWhatDoesNotFit(parsed);
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var live = await ProjectionArgument.FindAsync(session, parsed.GetRequiredValue(name)!, cancellationToken);
        var query = session.Client.Query(live);
        query = (parsed.GetValue(where) ?? []).Aggregate(query, (asked, condition) => asked.Where(ItemOptions.ConditionOf(condition)));
        query = parsed.GetValue(search) is { } words ? query.Search(words) : query;
        query = (parsed.GetValue(sort) ?? []).Aggregate(query, (asked, key) => key.EndsWith(":desc", StringComparison.Ordinal)
            ? asked.OrderBy(key[..^":desc".Length], descending: true)
            : asked.OrderBy(key));
        if (parsed.GetValue(batch) is { } one)
        {
            var id = await BatchId.FindAsync(session.Client, one, cancellationToken);
            await session.Client.GetProgressAsync(id, cancellationToken); // Fails if there is no such batch.
            query = query.InBatch(id);
        }

        query = AsOfOption.Read(parsed, asOf) is { } day ? query.AsOf(day) : query;
        if (parsed.GetValue(output) is { } file)
        {
            var kept = await new KeptFiles(Session.AddressOf(parsed)).AddUploadsAsync(session.Engine, cancellationToken);
            return await ExportAsync(query, file, kept, parsed, cancellationToken);
        }

        string[] counted = [.. (parsed.GetValue(facets) ?? []).SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries))];
        var counts = parsed.GetValue(count) || parsed.GetValue(availability) || counted.Length > 0;
        if (counts && Array.Find<Option>([sort, columns, cursor], option => parsed.GetResult(option) is not null) is { } ofRows)
        {
            throw new EnrichmentException($"{ofRows.Name} is about rows that are shown. Leave it out, or --count, --facets and --availability.");
        }

        return counts
            ? await CountAsync(query, counted, parsed, cancellationToken)
            : await PageAsync(query, parsed, cancellationToken);
    }

    private async Task<Answer> PageAsync(ProjectionQuery query, ParseResult parsed, CancellationToken cancellationToken)
    {
        var page = await query.ReadPageAsync(parsed.GetValue(limit), parsed.GetValue(cursor), cancellationToken);
        var shown = Shown(page.Columns, parsed);
        var list = new Listing(parsed, "rows", [">item", .. shown.Select(column => column.Name)])
        {
            About = new { Projection = query.Projection.Name, page.Next, page.Previous },
            Limit = MostRows,
            Nothing = $"No row of {query.Projection.Table} is found.",
        };
        foreach (var row in page.Rows)
        {
            await list.AddAsync(
                new
                {
                    row.Batch,
                    row.Item,
                    Values = shown.ToDictionary(column => column.Name, column => Json(row.Values[column.Place])),
                },
                [$"{row.Item}", .. shown.Select(column => IssuesCommand.Beginning(CsvExport.Format(row.Values[column.Place]) ?? ""))]);
        }

        var answer = await list.EndAsync();
        if (!parsed.GetValue(CommonOptions.Json) && page.Next is { } next)
        {
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"There are more rows: --cursor {next}");
        }

        return answer;
    }

    private async Task<Answer> ExportAsync(
        ProjectionQuery query, string file, KeptFiles kept, ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ExportOptions
        {
            Format = format.Read(parsed, file),
            Columns = parsed.GetValue(columns) is { Length: > 0 } given ? given : null,
            WithStatus = format.HasStatus(parsed),
            Children = parsed.GetValue(children) ?? [],
            ChildTable = parsed.GetValue(child),
        };
        await using var written = await Output.OpenAsync(file, kept, cancellationToken);
        var export = await new StatusLine(parsed).DuringAsync(
            "exporting", null, () => query.ExportAsync(written.Stream, options, cancellationToken));
        await written.CompleteAsync();
        return new(
            new { Output = written.Name, Export = export },
            $"{Plural.Of(export.Rows, "row")}, {Sizes.Words(export.Bytes)} in {(written.IsStandardOutput ? "standard output" : written.Name)}")
        {
            Aside = written.IsStandardOutput,
        };
    }

    private void RefuseWhatDoesNotFit(ParseResult parsed)
    {
        Option[] forShowing = [limit, cursor, count, facets, availability];
        Option[] forFiles = [.. format.All, child, children];
        if (parsed.GetValue(output) is { } file)
        {
            OutputOptions.RefuseTwoOutputs(parsed, file, output.Name);
            if (forShowing.FirstOrDefault(Given) is { } other)
            {
                throw new EnrichmentException($"{output.Name} writes all rows, and {other.Name} is about what is shown. Leave one of them out.");
            }
        }
        else if (forFiles.FirstOrDefault(Given) is { } other)
        {
            throw new EnrichmentException($"{other.Name} is about the file that is written. Add {output.Name}, or leave it out.");
        }

        bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
    }

    private async Task<Answer> CountAsync(ProjectionQuery query, string[] counted, ParseResult parsed, CancellationToken cancellationToken)
    {
        var rows = parsed.GetValue(count) ? (await query.CountAsync(null, cancellationToken)).Rows : (long?)null;
        var values = counted.Length > 0 ? await query.ReadFacetsAsync(counted, parsed.GetValue(limit), cancellationToken) : null;
        var available = parsed.GetValue(availability) ? await query.ReadAvailabilityAsync(cancellationToken) : null;
        List<string> lines = [];
        if (rows is { } found)
        {
            lines.Add(Plural.Of(found, "row"));
        }

        foreach (var facet in values ?? [])
        {
            lines.Add($"{facet.Column}:");
            lines.AddRange(facet.Values.Select(value =>
                $"  {value.Rows,10:n0}  {Visible.Line(IssuesCommand.Beginning(CsvExport.Format(value.Value)!))}"));
            lines.AddRange(facet.Others > 0 ? [$"  {facet.Others,10:n0}  other values"] : []);
            lines.AddRange(facet.Missing > 0 ? [$"  {facet.Missing,10:n0}  no value"] : []);
        }

        lines.AddRange((available ?? new Dictionary<string, long>()).Select(column => $"  {column.Value,10:n0}  have {column.Key}"));
        return new(
            new
            {
                Projection = query.Projection.Name,
                Rows = rows,
                Facets = values?.Select(facet => new
                {
                    facet.Column,
                    Values = facet.Values.Select(value => new { Value = Json(value.Value), value.Rows }),
                    facet.Others,
                    facet.Missing,
                }),
                Availability = available,
            },
            string.Join('\n', lines));
    }

    private List<(string Name, int Place)> Shown(IReadOnlyList<string> known, ParseResult parsed)
    {
        string[] all = [.. known];
        var shown = parsed.GetValue(columns) is { Length: > 0 } given ? given : all;
        return
        [
            .. shown.Select(column => Array.IndexOf(all, column) is >= 0 and var place
                ? (column, place)
                : throw new EnrichmentException($"The table has no column '{Excerpt.Of(column)}'.{Nearest.Hint(column, all)}")),
        ];
    }

    // Numbers, truth and lists as JSON has them, all else as an export has it.
    private static object? Json(object? value) =>
        value is long or decimal or bool or IReadOnlyList<string> ? value : CsvExport.Format(value);
}
