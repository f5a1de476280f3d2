using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Providers.Http;

namespace Enrichment.Providers.Modal;

/// <summary>
/// A function that is deployed to Modal, as a step of your own: what it is called, reads and produces. How it is reached is a declared
/// vendor's settings, of which all but the addresses are made here.
/// </summary>
/// <remarks>
/// The endpoints are those of <c>modal_app.py</c> beside this file, or others that speak as Modal documents it:
/// https://modal.com/docs/guide/webhook-proxy-auth (<c>Modal-Key</c> and <c>Modal-Secret</c>; 401),
/// https://modal.com/docs/guide/webhook-timeouts (303 after 150 seconds), https://modal.com/docs/guide/job-queue (202, 200 and 404 of
/// polls) and https://modal.com/docs/guide/webhooks (429). Each method gives a step; of one description take one.
/// </remarks>
public sealed record ModalFunction
{
    /// <summary>How pipelines name the step, such as <c>acme.size</c>.</summary>
    public required string Step { get; init; }

    /// <summary>The step's semantic version. Default: 1.0.0.</summary>
    public string Version { get; init; } = "1.0.0";

    /// <summary>
    /// The fields that are sent. One whose name ends in a question mark is sent as null where the record lacks it; an item that lacks
    /// another is skipped.
    /// </summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>
    /// The fields that the function may answer: a name, or <c>name=/json/pointer</c> into what it returns. What else it returns is kept.
    /// </summary>
    public required IReadOnlyList<string> Produces { get; init; }

    /// <summary>
    /// Whether a call whose outcome is unknown is made again. The function has to know it by its <c>idempotency_key</c>, as those of
    /// <c>modal_app.py</c> do. Default: false, such items wait for review.
    /// </summary>
    public bool SafeToRepeat { get; init; }

    /// <summary>
    /// What the answers are about, such as <c>new("company", ["company.domain"])</c>: items with the same entity share one call. Its keys
    /// are fields that are sent. Null: each item has a call of its own.
    /// </summary>
    public StepEntity? Entity { get; init; }

    /// <summary>For a step that is answered later: how long after the call its answer may come.</summary>
    /// <value>
    /// One day, as long as a function may run (https://modal.com/docs/guide/timeouts). More than 7 days are no use: Modal keeps results no
    /// longer.
    /// </value>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// A step that waits for the answer of a web endpoint, at <c>request.url</c>, for 10 minutes unless the pipeline says otherwise. What
    /// takes longer than 150 seconds is waited for where Modal's redirects lead, and never sent again.
    /// </summary>
    /// <exception cref="FormatException">The description is not sound; the message lists all problems.</exception>
    public StepDescriptor Call() => Describe("call", new() { ["timeoutSeconds"] = 600 }, new()
    {
        ["request"] = Request(),
        ["answer"] = Answer(""),
        ["errors"] = Errors(),
    });

    /// <summary>
    /// A step that begins the work at <c>request.url</c>, which answers <c>call_id</c>, and polls <c>poll.url</c> for the result, every 30
    /// seconds unless <c>poll.intervalSeconds</c> says otherwise.
    /// </summary>
    /// <exception cref="FormatException">The description is not sound; the message lists all problems.</exception>
    public StepDescriptor Spawn() =>
        Describe(
            "poll",
            Later(),
            new()
            {
                ["request"] = Request(),
                ["poll"] = new JsonObject
                {
                    ["reference"] = "/call_id",
                    ["progress"] = new JsonObject(),
                    ["failed"] = new JsonArray(404, 410),
                }, // Expired; raised, or timed out.
                ["answer"] = Answer(""),
                ["errors"] = Errors(),
            });

    /// <summary>
    /// A step that has the work begun at <c>request.url</c>. The function posts what became of it to the host, signed as Standard Webhooks
    /// says with the secret <c>MODAL_CALLBACK</c>.
    /// </summary>
    /// <exception cref="FormatException">The description is not sound; the message lists all problems.</exception>
    public StepDescriptor Callback() =>
        Describe(
            "callback",
            Later(),
            new()
            {
                ["request"] = Request(("callback_url", "{{callback_url}}")),
                ["callback"] = new JsonObject
                {
                    ["signature"] = nameof(HttpSignature.StandardWebhooks),
                    ["reference"] = "/call_id",
                    ["progress"] = new JsonObject
                    {
                        ["status"] = "/status",
                        ["done"] = new JsonArray("done"),
                        ["failed"] = new JsonArray("failed"),
                    },
                },
                ["callbackSecret"] = "secret:MODAL_CALLBACK",
                ["answer"] = Answer("/result"),
                ["errors"] = Errors(),
            },
            "/result");

    private StepDescriptor Describe(string kind, JsonObject document, JsonObject options, string result = "")
    {
        document["step"] = Step;
        document["version"] = Version;
        document["kind"] = kind;
        document["reads"] = List(Reads.Select(field => field.TrimEnd('?')));
        document["produces"] = List(Produces.Select(field => Inside(result, ProducedField.Parse(field))));
        document["safeToRepeat"] = SafeToRepeat;
        if (Entity is { } entity)
        {
            document["entity"] = About(entity);
        }

        document["options"] = options;
        return HttpVendors.Parse(JsonSerializer.SerializeToUtf8Bytes(document), $"{nameof(ModalFunction)} '{Step}'");
    }

    private static JsonObject About(StepEntity entity) => new()
    {
        ["kind"] = entity.Kind,
        ["keys"] = List(entity.Keys),
        ["companyKeys"] = List(entity.CompanyKeys),
        ["freshDays"] = entity.Fresh.TotalDays,
        ["freshNotFoundDays"] = entity.FreshNotFound.TotalDays,
        ["callsWithoutKey"] = entity.CallsWithoutKey,
        ["mayBeShared"] = entity.MayBeShared,
    };

    // An endpoint that only begins the work may have to start a container first, which Modal waits for as for any call.
    private JsonObject Later() => new() { ["timeoutSeconds"] = 300, ["deadlineSeconds"] = Deadline.TotalSeconds };

    private JsonObject Request(params (string Name, string Value)[] also)
    {
        var record = new JsonObject();
        foreach (var field in Reads)
        {
            record[field.TrimEnd('?')] = $"{{{{{field}}}}}";
        }

        var body = new JsonObject { ["idempotency_key"] = "{{idempotency_key}}", ["record"] = record };
        foreach (var (name, value) in also)
        {
            body[name] = value;
        }

        return new()
        {
            ["headers"] = new JsonObject { ["Modal-Key"] = "secret:MODAL_KEY", ["Modal-Secret"] = "secret:MODAL_SECRET" },
            ["idempotencyHeader"] = "",
            ["body"] = body,
        };
    }

    /// <summary>A function that returns None knows nothing of the item.</summary>
    private static JsonObject Answer(string found) => new() { ["found"] = found };

    /// <summary>An endpoint knows no items: a 404 is an app that is not deployed, and no company that is not found.</summary>
    private static JsonObject Errors() => new() { ["notFound"] = new JsonArray() };

    private static string Inside(string result, ProducedField field) =>
        result.Length == 0 && field.Path is null ? field.Field : $"{field.Field}={result}{field.Path ?? "/" + field.Field}";

    private static JsonArray List(IEnumerable<string> names) => [.. names.Select(name => (JsonNode)name)];
}
