using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>
/// Connects to an address that it has checked itself: between the check and the connection the name is not resolved again, so a name with
/// another answer the second time gains nothing.
/// </summary>
internal sealed class Connector(AllowList allow, Network network, OutboundHttpOptions options, TimeProvider time)
{
    /// <summary>Enough for any vendor; a name with a thousand addresses is not tried to its end.</summary>
    private const int MostAddresses = 4;

    private readonly ResiliencePipeline retries = options.Retries == 0
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SocketException>(),
                MaxRetryAttempts = options.Retries,
                Delay = Backoff.First,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();

    /// <summary>The callback of <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        retries.ExecuteAsync(
            static (state, token) => state.Connector.ConnectOnceAsync(state.Target, token),
            (Connector: this, Target: context.DnsEndPoint),
            cancellationToken);

    private async ValueTask<Stream> ConnectOnceAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = await CheckedAsync(target.Host, cancellationToken).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            using var late = new CancellationTokenSource(options.ConnectTimeout / addresses.Count, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            try
            {
                return await network.ConnectAsync(new(addresses[i], target.Port), either.Token).ConfigureAwait(false);
            }
            catch (SocketException) when (i + 1 < addresses.Count)
            {
                // The next address may listen; the last one's error is told.
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                if (i + 1 == addresses.Count)
                {
                    throw new SocketException((int)SocketError.TimedOut);
                }
            }
        }
    }

    private async Task<IReadOnlyList<IPAddress>> CheckedAsync(string host, CancellationToken cancellationToken)
    {
        var found = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await network.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        if (found.Length == 0)
        {
            throw new SocketException((int)SocketError.NoData);
        }

        var named = allow.HasName(host);
        var open = found.Where(address => Refusal(address, named) is null).Take(MostAddresses).ToList();
        return open.Count > 0
            ? open
            : throw new OutboundException(
                OutboundFault.Refused,
                workMayBeDone: false,
                $"'{host}' is not called: its address {found[0]} is not a public one ({Refusal(found[0], named)}).")
            {
                Advice = found.Any(AddressRules.IsMetadata)
                    ? null
                    : $"If it is meant to be called, put the host or its network into {options.AllowedBy}.",
            };
    }

    /// <summary>
    /// Why an address in settings would be refused, as far as this is known without a name server; null if it would not.
    /// </summary>
    public string? Refusal(Uri uri)
    {
        var host = uri.IdnHost.TrimEnd('.');
        var address =
            IPAddress.TryParse(host, out var literal) ? literal
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
                ? IPAddress.Loopback // RFC 6761 section 6.3.
            : null;
        return address is not null && Refusal(address, allow.HasName(host)) is { } kind
            ? $"its address {address} is not a public one ({kind}).{(AddressRules.IsMetadata(address) ? "" : $" If it is meant to be called, put the host or its network into {options.AllowedBy}.")}"
            : null;
    }

    private string? Refusal(IPAddress address, bool named) =>
        allow.HasAddress(address) ? null
        : AddressRules.IsMetadata(address) ? AddressRules.SpecialKind(address) ?? "one that carries a cloud's metadata inside"
        : named ? null : AddressRules.SpecialKind(address);
}
