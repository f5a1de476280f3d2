namespace Enrichment.TestKit;

/// <summary>Where the repository stands on the disk, for tests that read its files.</summary>
public static class TestPaths
{
    /// <summary>The folder that holds <c>Enrichment.sln</c>.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Enrichment.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No folder above '{AppContext.BaseDirectory}' holds Enrichment.sln. Run the tests from inside the repository.");
    }
}
