namespace Enrichment.Cli.Commands;

/// <summary>A refusal after the upload says that the upload stays: "nothing was done" would not be true.</summary>
internal static class KeptUpload
{
    public static async Task<T> KeptIfRefusedAsync<T>(this UploadResult uploaded, Func<Task<T>> launch)
    {
        try
        {
            return await launch();
        }
        catch (EnrichmentException exception)
        {
            throw new EnrichmentException(
                $"{exception.Message} No batch was made; the file is kept as upload {uploaded.Upload.Id}.",
                exception.InnerException ?? exception);
        }
    }
}
