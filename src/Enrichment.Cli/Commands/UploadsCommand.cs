using System.CommandLine;
using System.Globalization;

namespace Enrichment.Cli.Commands;

/// <summary>The client's uploads.</summary>
internal sealed class UploadsCommand : CliCommand
{
    private readonly Option<string?> workstream = new("--workstream") { Description = "Only those of this workstream.", HelpName = "NAME" };
    private readonly Option<string?> file = new("--file")
    {
        Description = "Only those whose file's name contains this text, in any case.",
        HelpName = "TEXT",
    };
    private readonly Option<string?> sha256 = new("--sha256")
    {
        Description = "Only those whose bytes have this SHA-256, as 64 hexadecimal digits.",
        HelpName = "HASH",
    };
    private readonly Option<string?> from = Day("--from", "Only those that were staged on this day or later (UTC).");
    private readonly Option<string?> until = Day("--until", "Only those that were staged before this day (UTC).");
    private readonly Option<bool> unlaunched = new("--unlaunched") { Description = "Only those from which no batch was launched." };
    private readonly Option<string?> before = new("--before")
    {
        Description = "Only those that are older than this upload: the last id of a list gives the next part.",
        HelpName = "UPLOAD",
    };

    public UploadsCommand()
        : base(
            "uploads",
            "Lists the client's uploads, the youngest first: their ids, which 'enrich launch' takes, with their rows, their kind and the number of batches. Its commands are about one upload.",
            "enrich uploads",
            "enrich uploads --unlaunched --from 2026-11-01",
            "enrich uploads --file clay --json")
    {
        foreach (var option in (Option[])[workstream, file, sha256, from, until, unlaunched, before])
        {
            Options.Add(option);
        }

        LimitOption.AddTo(this);
        Subcommands.Add(new UploadsShowCommand());
        Subcommands.Add(new UploadsRowsCommand());
        Subcommands.Add(new UploadsRejectsCommand());
        Subcommands.Add(new UploadsDeleteCommand());
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var filter = new UploadFilter
        {
            Workstream = parsed.GetValue(workstream),
            FileName = parsed.GetValue(file),

            // A null array would be an empty hash.
            Sha256 = parsed.GetValue(sha256) is { } hash ? HashOf(hash) : default(ReadOnlyMemory<byte>?),
            From = DayOf(parsed, from),
            Until = DayOf(parsed, until),
            Launched = parsed.GetValue(unlaunched) ? false : null,
        };
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        filter = filter with
        {
            Before = parsed.GetValue(before) is { } given
                ? (await UploadId.FindAsync(session.Client, given, cancellationToken)).Id
                : null,
        };
        var list = new Listing(parsed, "uploads", "upload", ">accepted", ">rejected", ">batches", "workstream", "staged", "by", "file")
        {
            About = new { Client = session.Client.Slug },
            Nothing = filter == new UploadFilter()
                ? $"Client '{session.Client.Slug}' has no upload yet."
                : $"No upload of client '{session.Client.Slug}' matches.",
        };
        await foreach (var upload in session.Client.ListUploadsAsync(filter, cancellationToken))
        {
            await list.AddAsync(
                Facts(upload),
                $"{upload.Id}",
                $"{upload.Accepted:n0}",
                $"{upload.Rejected:n0}",
                $"{upload.Batches:n0}",
                upload.Workstream,
                $"{upload.SealedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                upload.By,
                upload.FileName + (upload.PrunedAt is null ? "" : " (pruned)"));
        }

        return await list.EndAsync();
    }

    /// <summary>An upload in JSON.</summary>
    public static object Facts(Upload upload) => new
    {
        Upload = upload.Id,
        upload.Accepted,
        upload.Rejected,
        upload.Batches,
        upload.Workstream,
        upload.WorkstreamVersion,
        upload.FileName,
        upload.SizeBytes,
        Sha256 = Convert.ToHexStringLower(upload.Sha256.Span),
        upload.By,
        StagedAt = upload.SealedAt,
        upload.PrunedAt,
    };

    private static Option<string?> Day(string name, string description) => new(name) { Description = description, HelpName = "DATE" };

    private static byte[] HashOf(string text)
    {
        try
        {
            return text.Length == 64 ? Convert.FromHexString(text) : throw new FormatException();
        }
        catch (FormatException exception)
        {
            throw new EnrichmentException($"--sha256 takes 64 hexadecimal digits, not '{Excerpt.Of(text)}'.", exception);
        }
    }

    private static DateTimeOffset? DayOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)
        : throw new EnrichmentException($"{option.Name} takes a day such as 2026-11-01, not '{Excerpt.Of(text)}'.");
}
