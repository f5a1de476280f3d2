namespace Enrichment.Providers.Http;

/// <summary>A request as it left, and the answer as it came, secrets included: for an operator that tries a vendor.</summary>
/// <param name="Request">The request's line and headers.</param>
/// <param name="RequestBody">The request's body; null if it had none.</param>
/// <param name="Answer">The answer's status and headers.</param>
/// <param name="AnswerBody">The answer's body.</param>
internal sealed record OutboundExchange(string Request, ReadOnlyMemory<byte>? RequestBody, string Answer, ReadOnlyMemory<byte> AnswerBody);
