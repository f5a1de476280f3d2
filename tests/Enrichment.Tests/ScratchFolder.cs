namespace Enrichment.Tests;

/// <summary>A folder of one test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("enrichment-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
