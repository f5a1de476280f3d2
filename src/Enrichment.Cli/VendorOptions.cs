using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Cli.Files;
using Enrichment.Providers.Http;
using Enrichment.Providers.Lookup;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Cli;

/// <summary>Which vendors a command knows besides the built-in steps, and where their calls may go.</summary>
internal sealed class VendorOptions
{
    private const string Folder = "vendors";

    public Option<string?> Vendors { get; } =
        new("--vendors")
        {
            Description =
                $"Vendors over HTTP and lookups: a folder of JSON files, one for each step, or one such file. Without it: the folder '{Folder}' in this folder, if there is one.",
            HelpName = "FOLDER|FILE",
        };

    public Option<string[]> Allow { get; } =
        new("--allow")
        {
            Description =
                "A host inside your network that vendors may be called on, also without TLS: a name, an address, or a network such as 10.1.0.0/16. May be repeated. Without it: the public internet over TLS alone.",
            HelpName = "HOST",
        };

    /// <param name="command">The command.</param>
    /// <param name="calls">Whether it runs steps; else it only has to know them.</param>
    public void AddTo(Command command, bool calls = true)
    {
        command.Options.Add(Vendors);
        if (calls)
        {
            command.Options.Add(Allow);
        }
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="pipeline">What is to be launched; null if the command takes what it finds.</param>
    /// <exception cref="EnrichmentException">
    /// A vendor's document that the pipeline needs, the one that is named, or a host, is not sound.
    /// </exception>
    public Action<EnrichmentBuilder> Read(ParseResult parsed, PipelineChoice? pipeline = null)
    {
        var steps = Steps(parsed, pipeline?.Steps ?? []);
        var calls = parsed.CommandResult.Command.Options.Contains(Allow);
        var allow = calls ? parsed.GetValue(Allow) ?? [] : [];
        var http = calls ? WayOut(allow, null) : null;
        return builder =>
        {
            builder.AddSteps(steps);
            if (http is not null)
            {
                builder.Services.AddSingleton(http);
            }
        };
    }

    /// <summary>The step of one document.</summary>
    /// <exception cref="EnrichmentException">It is not sound, or not one.</exception>
    public static StepDescriptor One(string file) =>
        File.Exists(file)
            ? Load(file)[0]
            : throw new EnrichmentException(
                $"There is no file '{file}'.{NearestFile.Hint(file)} Name a vendor's document, such as {Folder}/acme.json.");

    /// <summary>The way out of a command that shows what goes over it.</summary>
    /// <exception cref="EnrichmentException">A host is not sound.</exception>
    public OutboundHttp WayOut(ParseResult parsed, Action<OutboundExchange> watch) => WayOut(parsed.GetValue(Allow) ?? [], watch);

    /// <summary>The files that it reads, which no output may replace: the documents, and the tables that lookups name in them.</summary>
    public void Keep(ParseResult parsed, KeptFiles kept)
    {
        var given = parsed.GetValue(Vendors) ?? Folder;
        foreach (var document in Directory.Exists(given) ? Directory.EnumerateFiles(given) : [given])
        {
            kept.Add("a vendor's file", document);
            kept.Add("the table of a lookup", TableOf(document));
        }
    }

    private static string? TableOf(string document)
    {
        try
        {
            return
                JsonNode.Parse(
                    File.ReadAllText(document),
                    documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })
                    is JsonObject json
                && json["options"] is JsonObject options
                && options["file"] is JsonValue file
                && file.TryGetValue<string>(out var path)
                ? path
                : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null; // What is wrong with a document is said where it is read as one.
        }
    }

    /// <summary>The steps that the documents describe. Of a folder those that are not sound are told and left out.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="wanted">The steps that the command needs.</param>
    /// <exception cref="EnrichmentException">A document that is needed, or named, is not sound.</exception>
    public IReadOnlyList<StepDescriptor> Steps(ParseResult parsed, params IReadOnlyCollection<string> wanted)
    {
        var given = parsed.GetValue(Vendors);
        var documents = Documents(given ?? Folder).ToList();
        if (given is not null && documents.Count == 0)
        {
            return Load(given); // Says what is not there.
        }

        var folder = new VendorFolder(documents);
        if (File.Exists(given))
        {
            folder.RequireAll();
        }

        folder.Require(wanted);
        foreach (var problem in folder.Problems)
        {
            new StatusLine(parsed).Warn($"{Visible.Line(problem)} The document is left out. Correct it, or move it out of the folder.");
        }

        return folder.Steps;
    }

    private static IEnumerable<string> Documents(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.json")
        : File.Exists(path) ? [path]
        : [];

    /// <summary>The steps that a command without --vendors has.</summary>
    public static IEnumerable<string> SlugsOfFolder() => new VendorFolder(Documents(Folder)).Steps.Select(step => step.Manifest.Slug);

    private static IReadOnlyList<StepDescriptor> Load(string path)
    {
        try
        {
            return HttpVendors.Load(path, Lookups.Kinds);
        }
        catch (FormatException exception)
        {
            throw new EnrichmentException(exception.Message, exception);
        }
    }

    private static OutboundHttp WayOut(string[] allow, Action<OutboundExchange>? watch)
    {
        try
        {
            return new(new() { Allow = allow, AllowedBy = "--allow", Watch = watch });
        }
        catch (ArgumentException exception)
        {
            throw new EnrichmentException($"--allow: {exception.Message}", exception);
        }
    }
}
