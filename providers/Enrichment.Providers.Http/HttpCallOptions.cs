namespace Enrichment.Providers.Http;

/// <summary>Settings of a <see cref="HttpCallStep"/>.</summary>
public sealed class HttpCallOptions : HttpOptions;
