using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>A file as it should not be.</summary>
/// <param name="Name">Its name, which says what is wrong with it.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Options">How it is read; by default everything is detected.</param>
internal sealed record DamagedFile(string Name, byte[] Content, UploadOptions? Options = null);
