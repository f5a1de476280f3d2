using System.Net;
using System.Net.Sockets;
using Enrichment.Providers.Http.Outbound;
using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Outbound;

/// <summary>What may cost money leaves once; only connecting and reads are tried again.</summary>
public sealed class OnceTests
{
    private static readonly OutboundHttpOptions Local = new() { Allow = ["127.0.0.0/8", "localhost"], Retries = 2 };

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_send_on_a_kept_connection_that_ends_under_it_is_not_sent_again(string method)
    {
        // Left to itself the framework sends a request without a body again, on a new connection, if the kept one was under TLS.
        using var internet = new FakeInternet();
        await using var server = KeptOnceThenCut(internet);
        using var http = internet.Http();
        using var first = await http.SendAsync(new(new(method), "https://vendor.test/"), default);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(new(method), "https://vendor.test/"), default));

        Assert.Equal((OutboundFault.Broken, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_fault_that_is_no_broken_answer_is_not_reported_as_one()
    {
        using var http = new OutboundHttp(
            Local with
            {
                Retries = 0,
            },
            TimeProvider.System,
            new Network((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), (_, _) => Task.FromResult<Stream>(new Odd())));

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, "http://127.0.0.1/") { Content = new StringContent("canary") }, default)
        );

        Assert.Equal(
            (OutboundFault.Broken, true, "The call to http://127.0.0.1 failed: InvalidOperationException."),
            (fault.Fault, fault.WorkMayBeDone, fault.Message));
    }

    [Fact]
    public async Task A_client_for_vendors_libraries_sends_once_too()
    {
        using var internet = new FakeInternet();
        await using var server = KeptOnceThenCut(internet);
        using var http = internet.Http();
        using var client = http.CreateClient();
        using var first = await client.GetAsync(new Uri("https://vendor.test/"));

        await Assert.ThrowsAsync<OutboundException>(() => client.GetAsync(new Uri("https://vendor.test/")));

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task No_answer_makes_a_send_leave_again(int status)
    {
        await using var server = new LocalServer(exchange => exchange.RespondAsync(status));
        using var http = new OutboundHttp(Local);

        using var response = await http.SendAsync(new(HttpMethod.Get, server.Url), default);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_read_is_repeated_over_a_broken_connection_and_a_gateways_error()
    {
        var answers = 0;
        await using var server = new LocalServer(async exchange =>
        {
            switch (Interlocked.Increment(ref answers))
            {
                case 1: exchange.Close(); break;
                case 2: await exchange.RespondAsync(502); break;
                default: await exchange.RespondAsync(200, "there"); break;
            }
        });
        using var http = new OutboundHttp(Local);

        using var response = await http.ReadAsync(new(HttpMethod.Get, server.Url), default);

        Assert.Equal("there", await response.Content.ReadAsStringAsync());
        Assert.Equal(3, server.Requests.Count);
        Assert.DoesNotContain("Content-Length", server.Requests[0].Headers.Keys);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_read_takes_any_other_answer(int status)
    {
        await using var server = new LocalServer(exchange => exchange.RespondAsync(status));
        using var http = new OutboundHttp(Local);

        using var response = await http.ReadAsync(new(HttpMethod.Get, server.Url), default);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_read_leaves_a_server_that_says_when_to_come_back()
    {
        await using var server = new LocalServer(exchange => exchange.RespondAsync(503, "", "Retry-After: 60"));
        using var http = new OutboundHttp(Local);

        using var response = await http.ReadAsync(new(HttpMethod.Get, server.Url), default);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Connecting_is_tried_again_and_what_could_not_connect_has_done_nothing()
    {
        var connects = 0;
        var nowhere = Network.Real with
        {
            ConnectAsync = (_, _) =>
                ++connects > 0 ? throw new SocketException((int)SocketError.ConnectionRefused) : Task.FromResult(Stream.Null),
        };
        using var http = new OutboundHttp(Local, TimeProvider.System, nowhere);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Post, "http://127.0.0.1:9/"), default));

        Assert.Equal(3, connects);
        Assert.Equal((OutboundFault.Unreachable, false), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal("http://127.0.0.1:9 could not be reached: ConnectionRefused.", fault.Message);
    }

    [Fact]
    public async Task A_connection_that_comes_about_at_the_second_try_serves_the_send()
    {
        var connects = 0;
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200));
        var shaky = Network.Real with
        {
            ConnectAsync = (endpoint, token) =>
                ++connects == 1 ? throw new SocketException((int)SocketError.ConnectionRefused) : Network.ConnectRealAsync(endpoint, token),
        };
        using var http = new OutboundHttp(Local, TimeProvider.System, shaky);

        using var response = await http.SendAsync(new(HttpMethod.Post, server.Url), default);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_name_that_is_not_known_has_done_nothing()
    {
        using var internet = new FakeInternet();
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, "https://vendor.test/"), default)
        );

        Assert.Equal("https://vendor.test could not be reached: HostNotFound.", fault.Message);
        Assert.False(fault.WorkMayBeDone);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_in_time_has_done_nothing()
    {
        var nowhere = Network.Real with
        {
            ConnectAsync = async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return Stream.Null;
            },
        };
        using var http = new OutboundHttp(
            Local with
            {
                ConnectTimeout = TimeSpan.FromMilliseconds(50),
                Retries = 0,
            },
            TimeProvider.System,
            nowhere);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Post, "http://127.0.0.1:9/"), default));

        Assert.Equal((OutboundFault.Unreachable, false), (fault.Fault, fault.WorkMayBeDone));
    }

    [Fact]
    public async Task No_cookies_traces_or_proxies_follow_a_call()
    {
        var before = Environment.GetEnvironmentVariable("http_proxy");
        await using var proxy = new LocalServer(exchange => exchange.RespondAsync(200, "proxy"));
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "", "Set-Cookie: a=b; Path=/"));
        try
        {
            Environment.SetEnvironmentVariable("http_proxy", proxy.Url);
            using var http = new OutboundHttp(Local);
            using var activity = new System.Diagnostics.Activity("test").SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();

            using var first = await http.SendAsync(new(HttpMethod.Get, server.Url), default);
            using var second = await http.SendAsync(new(HttpMethod.Get, server.Url), default);
        }
        finally
        {
            Environment.SetEnvironmentVariable("http_proxy", before);
        }

        Assert.Empty(proxy.Requests);
        Assert.Equal(
            ["Accept-Encoding", "Content-Length", "Host", "User-Agent"],
            server.Requests[1].Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("nowhere")]
    [InlineData("inside")]
    [InlineData("redirect")]
    [InlineData("large")]
    public async Task No_fault_tells_more_of_an_address_than_its_host(string kind)
    {
        await using var server = new LocalServer(async exchange =>
        {
            switch (kind)
            {
                case "redirect": await exchange.RedirectAsync(307, "http://localhost:1/canary?canary=1#canary"); break;
                case "large": await exchange.RespondAsync(200, "canary"); break;
                default: exchange.Close(); break;
            }
        });
        using var http = new OutboundHttp(Local with { Retries = 0, MaxBodyBytes = 1 });
        var origin = kind switch
        {
            "nowhere" => "http://localhost:1",
            "inside" => "https://10.0.0.1",
            _ => server.Url,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{origin}/canary?key=canary")
        {
            Content = new StringContent("canary"),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "canary");

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(request, default));

        Assert.DoesNotContain("canary", fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(new Uri(origin).Host, fault.Message, StringComparison.Ordinal);
    }

    private static LocalServer KeptOnceThenCut(FakeInternet internet)
    {
        var answers = 0;
        var server = new LocalServer(
            async exchange =>
            {
                if (Interlocked.Increment(ref answers) == 1)
                {
                    await exchange.RespondAsync(200);
                }
                else
                {
                    exchange.Close();
                }
            },
            internet.Certificate);
        internet.Name("vendor.test", "93.184.216.34").Listen("93.184.216.34", server);
        return server;
    }

    /// <summary>A connection on which every write goes wrong in a way that no network has.</summary>
    private sealed class Odd : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("canary");
    }
}
