using Enrichment.Ingestion;

namespace Enrichment;

/// <summary>A sealed upload and the report on it.</summary>
/// <param name="Upload">The upload.</param>
/// <param name="Report">How it was read, what was mapped, what was rejected and why.</param>
/// <param name="AlreadyThere">True if the same content was uploaded before: nothing was added, and this is that upload.</param>
public sealed record UploadResult(Upload Upload, UploadReport Report, bool AlreadyThere);
