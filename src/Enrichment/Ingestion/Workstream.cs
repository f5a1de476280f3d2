using System.Collections.Immutable;
using System.Text.Json;

namespace Enrichment.Ingestion;

/// <summary>
/// A named kind of upload: the fields that a row must have, its own headers beside the known ones, and its usual pipeline and settings.
/// </summary>
public sealed class Workstream
{
    internal Workstream(
        string name, int version, HeaderMap headerMap, ImmutableArray<string> recognizedBy,
        string? pipeline, ImmutableSortedDictionary<string, JsonElement> steps)
    {
        Name = name;
        Version = version;
        HeaderMap = headerMap;
        RecognizedBy = recognizedBy;
        Pipeline = pipeline;
        Steps = steps;
    }

    /// <summary>Small letters, digits, underscores and hyphens: <c>apollo_scrape</c>.</summary>
    public string Name { get; }

    /// <summary>From 1. Raise it with every change: uploads remember which one read them.</summary>
    public int Version { get; }

    /// <summary>Its headers beside those that every list may have, and what a row must have.</summary>
    internal HeaderMap HeaderMap { get; }

    /// <summary>Headers that only such lists have: two of them tell a file that names no workstream.</summary>
    public ImmutableArray<string> RecognizedBy { get; }

    /// <summary>The pipeline that its uploads run unless another is named; null when there is none.</summary>
    public string? Pipeline { get; }

    /// <summary>
    /// Settings of steps by their slugs, below those of client and batch. A secret is named here as <c>secret:NAME</c> only.
    /// </summary>
    public ImmutableSortedDictionary<string, JsonElement> Steps { get; }

    /// <summary>
    /// Any list: well-known headers feed their fields, every row is accepted. The workstream of an upload that names none.
    /// </summary>
    public static Workstream Any { get; } = Define("any", 1, _ => { });

    /// <summary>
    /// The workstreams that ship with the engine: <c>apollo_scrape</c>, <c>salesnav_koolkit</c>, <c>crm_data</c>,
    /// <c>customer_companies</c>.
    /// </summary>
    public static ImmutableArray<Workstream> BuiltIn => BuiltInWorkstreams.All;

    /// <summary>Declares a workstream in code.</summary>
    /// <exception cref="ArgumentException">The declaration contradicts itself; the message lists every fault.</exception>
    public static Workstream Define(string name, int version, Action<WorkstreamBuilder> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        var builder = new WorkstreamBuilder(name, version);
        define(builder);
        return builder.Build();
    }

    /// <summary>Reads a workstream from a JSON file.</summary>
    /// <exception cref="UploadException">
    /// The file cannot be read, or is not a workstream; the message names file, place and expected form.
    /// </exception>
    public static Workstream Load(string path)
    {
        try
        {
            return WorkstreamJson.Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UploadException("workstream_invalid", $"The workstream '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a workstream from JSON that is not in a file.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="source">Its name in errors.</param>
    /// <exception cref="UploadException">It is not a workstream; the message names source, place and expected form.</exception>
    public static Workstream Parse(ReadOnlySpan<byte> json, string source) => WorkstreamJson.Parse(json, source);

    /// <summary>The same without its requirements for rows: for a file whose workstream is a guess.</summary>
    internal Workstream WithoutRules() => new(Name, Version, HeaderMap.WithoutRules(), RecognizedBy, Pipeline, Steps);
}
