using System.Runtime.Versioning;
using Enrichment.Ingestion;
using Enrichment.Storage;

namespace Enrichment.Tests.Storage;

/// <summary>What holds personal data is its owner's alone, and is never written through somebody's link.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("enrichment-private-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_file_and_a_folder_are_their_owners_alone()
    {
        var made = Path.Combine(folder.FullName, "made", "inner");
        PrivateFile.CreateFolder(made);
        PrivateFile.Create(Path.Combine(made, "file")).Dispose();

        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
        Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(made, "file")));
    }

    [Fact]
    public void A_link_of_that_name_is_not_followed_wherever_it_leads()
    {
        var target = Path.Combine(folder.FullName, "target");
        var link = Path.Combine(folder.FullName, "link");
        File.CreateSymbolicLink(link, target);

        Assert.Throws<IOException>(() => PrivateFile.Create(link));
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void A_temporary_copy_of_an_upload_is_its_owners_alone()
    {
        using var spool = Spool.Create();

        Assert.Equal(Owner, File.GetUnixFileMode(spool.SafeFileHandle));
    }
}
