namespace Enrichment.Sqlite.Tests;

/// <summary>A directory for one database file, gone with the test.</summary>
public sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("enrichment-sqlite-");

    public string Path => System.IO.Path.Combine(directory.FullName, "test.db");

    public string ConnectionString => $"Data Source={Path};Pooling=false";

    public void Dispose() => directory.Delete(recursive: true);
}
