using Enrichment.Providers.Http.Vendors;

namespace Enrichment.Providers.Http;

/// <summary>Steps that are documents: one vendor's step in a JSON file each, without a class.</summary>
public static class HttpVendors
{
    /// <summary>Reads one document, or every <c>*.json</c> of a folder (of those below it none), in the order of their names.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="kinds">Kinds of other packages that documents may be of, besides those of this one.</param>
    /// <exception cref="IOException">There is no such file or folder, it cannot be read, or the folder has no document.</exception>
    /// <exception cref="FormatException">
    /// A document is not sound; the message lists all problems of all files, each with file and place.
    /// </exception>
    public static IReadOnlyList<StepDescriptor> Load(string path, params IReadOnlyList<VendorKind> kinds)
    {
        var steps = new List<StepDescriptor>();
        var problems = new List<string>();
        foreach (var file in Files(path))
        {
            var reader = new VendorReader(file, [.. HttpKinds.All, .. kinds]);
            if (reader.Read(File.ReadAllBytes(file)) is { } step)
            {
                steps.Add(step);
            }

            problems.AddRange(reader.Problems);
        }

        return problems.Count == 0 ? steps : throw Unsound(problems);
    }

    /// <summary>Reads one document, such as a resource of a package that ships a vendor.</summary>
    /// <param name="json">The document in UTF-8. Comments and trailing commas are allowed.</param>
    /// <param name="source">Its name in errors, such as a file's name.</param>
    /// <param name="kinds">As for <see cref="Load"/>.</param>
    /// <exception cref="FormatException">It is not sound; the message lists all problems, each with its place.</exception>
    public static StepDescriptor Parse(ReadOnlyMemory<byte> json, string source = "vendor", params IReadOnlyList<VendorKind> kinds)
    {
        var reader = new VendorReader(source, [.. HttpKinds.All, .. kinds]);
        return reader.Read(json) ?? throw Unsound(reader.Problems);
    }

    private static string[] Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path)
                ? [path]
                : throw new FileNotFoundException(
                    $"There is no file or folder '{path}' with vendors. The path is relative to {Environment.CurrentDirectory}.",
                    path);
        }

        string[] files = [.. Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files
            : throw new FileNotFoundException(
                $"The folder '{path}' has no vendor in it: expected files such as {Path.Combine(path, "acme.json")}.",
                path);
    }

    private static FormatException Unsound(IReadOnlyList<string> problems) =>
        new(string.Join(Environment.NewLine, problems.Prepend("Vendors cannot be used.")));
}
