using System.CommandLine;
using System.Globalization;
using System.Text;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.Providers.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli.Commands;

/// <summary>Vendors' documents, for their authors.</summary>
internal sealed class VendorCommand : Command
{
    public VendorCommand()
        : base("vendor", "Vendors' documents.") => Subcommands.Add(new TryCommand());

    /// <summary>One call, made by an engine in memory: request, answer and outcome are those of a batch.</summary>
    private sealed class TryCommand : CliCommand
    {
        private const int MostShown = 10_000;

        private readonly Argument<string> file = new("FILE") { Description = "The vendor's document." };
        private readonly Option<string[]> fields = new("--field")
        {
            Description = "A field of the record, or a column. May be repeated.",
            HelpName = "NAME=VALUE",
        };
        private readonly VendorOptions vendors = new();

        public TryCommand()
            : base(
                "try",
                "Calls a vendor once, as a batch would, and shows the request with secrets masked, the answer, and the resulting state of the item. Nothing is stored; the call is real, and may cost money.",
                "enrich vendor try vendors/acme.json --field company.domain=acme.com")
        {
            Arguments.Add(file);
            Options.Add(fields);
            Options.Add(vendors.Allow);
        }

        protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var step = VendorOptions.One(parsed.GetRequiredValue(file));
            var record = (parsed.GetValue(fields) ?? []).Select(Split).ToList();
            var reads = step.Manifest.Reads;
            if (reads.Count > 0 && !record.Any(field => reads.Contains(field.Key)))
            {
                throw new EnrichmentException(
                    $"Step '{step.Manifest.Slug}' reads {string.Join(", ", reads)}, and the record has no value of these. Give one such as --field {reads[0]}=VALUE.");
            }

            // A column is used by its name alone, wherever the settings name it.
            var settings = step.Manifest.Settings?.GetRawText() ?? "";
            var unread = record.Select(field => field.Key).Where(name => !reads.Contains(name));
            foreach (var name in unread.Where(name => !settings.Contains(name, StringComparison.OrdinalIgnoreCase)))
            {
                new StatusLine(parsed).Warn(
                    $"Step '{step.Manifest.Slug}' does not read '{name}', which is not sent.{Nearest.Hint(name, reads)} It reads {string.Join(", ", reads)}.");
            }

            var exchanges = new List<OutboundExchange>();
            var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
            await using var engine = EnrichmentEngine.Create(
                builder =>
                {
                    builder
                        .UseSqlite(":memory:")
                        .AddSteps([step])
                        .AddWorkstream(Workstream.Define("try", 1, workstream => Map(workstream, step, record)))
                        .UseSecrets(request => Resolve(request, secrets));
                    builder.Services.AddSingleton(vendors.WayOut(parsed, exchanges.Add));
                },
                log => log.SetMinimumLevel(LogLevel.Warning).AddProvider(new StandardErrorLog()));
            await engine.MigrateAsync(cancellationToken);
            var client = engine.Client(parsed.GetRequiredValue(CommonOptions.Client));
            using var row = new MemoryStream(Encoding.UTF8.GetBytes(Csv(record)));
            var uploaded = await client.UploadAsync(
                row,
                "try",
                new() { Delimiter = ',', Encoding = "utf-8" },
                cancellationToken: cancellationToken);
            var batch = await client.LaunchAsync(
                uploaded.Upload.Id,
                new()
                {
                    Definition = PipelineDefinition.Create(
                        "try",
                        pipeline => pipeline.Step(step.Manifest.Slug, stage => stage.Retry(tries: 1))),
                },
                cancellationToken: cancellationToken);
            await engine.TickAsync(step.Manifest.Timeout + TimeSpan.FromSeconds(10), cancellationToken);
            return await TellAsync(client, batch, exchanges, new(secrets), cancellationToken);
        }

        private static async Task<Answer> TellAsync(
            EnrichmentClient client,
            Batch batch,
            List<OutboundExchange> exchanges,
            Redactor redactor,
            CancellationToken cancellationToken)
        {
            var state = await client.ReadStatesAsync(batch.Id, cancellationToken: cancellationToken).LastAsync(cancellationToken);
            var result = await client
                .ReadResultsAsync(batch.Id, cancellationToken)
                .Select(stored => Encoding.UTF8.GetString(stored.Data.Span))
                .LastOrDefaultAsync(cancellationToken);
            var calls = exchanges.ConvertAll(exchange => new
            {
                Request = Shown(exchange.Request),
                RequestBody = exchange.RequestBody is { } body ? Shown(Encoding.UTF8.GetString(body.Span)) : null,
                Answer = Shown(exchange.Answer),
                AnswerBody = Shown(Encoding.UTF8.GetString(exchange.AnswerBody.Span)),
            });
            var status = state.Status.ToString().ToLowerInvariant();
            var text = new StringBuilder();
            foreach (var call in calls)
            {
                text.AppendLine(call.Request)
                    .AppendLine()
                    .AppendLine(call.RequestBody)
                    .AppendLine()
                    .AppendLine(call.Answer)
                    .AppendLine()
                    .AppendLine(call.AnswerBody)
                    .AppendLine();
            }

            text.Append(CultureInfo.InvariantCulture, $"The item is {status}{(state.Error is null ? "." : $": {Shown(state.Error)}")}");
            if (result is not null)
            {
                text.AppendLine().Append(Shown(result));
            }

            return new(
                new
                {
                    Calls = calls,
                    Status = status,
                    state.Error,
                    Result = result is null ? null : Shown(result),
                },
                text.ToString(),
                state.Status is Status.Failed ? ExitCode.Findings : ExitCode.Ok);

            // Line by line, because a vendor's text could control the terminal.
            string Shown(string foreign) =>
                string.Join(
                    '\n',
                    redactor.Redact(foreign).ReplaceLineEndings("\n").Split('\n').Select(line => ForeignText.Of(line, MostShown, "\uFFFD")));
        }

        private static KeyValuePair<string, string> Split(string given) => given.Split('=', 2) is [{ Length: > 0 } name, var value]
            ? KeyValuePair.Create(name, value)
            : throw new EnrichmentException($"--field: expected NAME=VALUE such as company.domain=acme.com, found '{Excerpt.Of(given)}'.");

        private static void Map(WorkstreamBuilder workstream, StepDescriptor step, IEnumerable<KeyValuePair<string, string>> record)
        {
            foreach (var field in record.Select(field => field.Key).Where(step.Manifest.Reads.Contains).Distinct(StringComparer.Ordinal))
            {
                workstream.Field(field, field);
            }
        }

        private static string? Resolve(SecretRequest request, Dictionary<string, string> secrets)
        {
            var value = SecretReference.FromEnvironment(request);
            lock (secrets)
            {
                if (value is not null)
                {
                    secrets[request.Name] = value;
                }
            }

            return value;
        }

        private static string Csv(List<KeyValuePair<string, string>> record) => record.Count == 0
            ? "nothing\n-\n"
            : $"{Line(record.Select(field => field.Key))}{Line(record.Select(field => field.Value))}";

        private static string Line(IEnumerable<string> cells) =>
            string.Join(',', cells.Select(cell => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n";
    }
}
