using Enrichment;

namespace EmbeddedHost;

/// <summary>
/// Endpoints for lists and tables. A slug in a path proves no identity: put your own authorization before these.
/// </summary>
internal static class LeadEndpoints
{
    public static void MapLeads(this WebApplication app)
    {
        var leads = app.MapGroup("/clients/{client}").AddEndpointFilter(async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (NotFoundException exception)
            {
                return Results.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
            }
            catch (EnrichmentException exception)
            {
                return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
        leads.MapPost("/uploads", UploadAsync);
        leads.MapGet("/batches/{batch:guid}", StatusAsync);
        leads.MapGet(
            "/batches/{batch:guid}/records",
            async (string client, Guid batch, EnrichmentEngine engine, CancellationToken stop) =>
                await engine.Client(client).ReadRecordsAsync(batch, stop));
        leads.MapGet("/batches/{batch:guid}/leads.csv", ExportAsync);
    }

    /// <summary>
    /// Uploads the body and launches its workstream's pipeline. The key makes a repeated request find the first one's batch.
    /// </summary>
    private static async Task<IResult> UploadAsync(string client, HttpRequest request, EnrichmentEngine engine, CancellationToken stop)
    {
        var enrichment = engine.Client(client);
        var upload = await enrichment.UploadAsync(request.Body, "web_form", new() { FileName = "form.csv" }, cancellationToken: stop);
        var batch = await enrichment.LaunchAsync(upload.Upload.Id, new() { Key = $"upload {upload.Upload.Id}" }, cancellationToken: stop);
        return Results.Accepted(
            $"/clients/{client}/batches/{batch.Id}",
            new
            {
                Batch = batch.Id,
                upload.Upload.Accepted,
                upload.Upload.Rejected,
                upload.Report.Rejections,
            });
    }

    /// <summary>The typed table of the batch, brought up to date first: a worker does that a moment after the batch's end.</summary>
    private static async Task<IResult> ExportAsync(string client, Guid batch, EnrichmentEngine engine, CancellationToken stop)
    {
        var enrichment = engine.Client(client);
        await enrichment.ConsolidateAsync("final_leads", batch, stop);
        var leads = enrichment.Query("final_leads").InBatch(batch);
        return Results.Stream(output => leads.ExportAsync(output, cancellationToken: stop), "text/csv", "leads.csv");
    }

    /// <summary>The progress of the batch; with <c>?wait=true</c> once it has ended.</summary>
    private static async Task<BatchProgress> StatusAsync(
        string client,
        Guid batch,
        EnrichmentEngine engine,
        CancellationToken stop,
        bool wait = false) =>
        wait
            ? await engine.Client(client).WatchAsync(batch, cancellationToken: stop).LastAsync(stop)
            : await engine.Client(client).GetProgressAsync(batch, stop);
}
