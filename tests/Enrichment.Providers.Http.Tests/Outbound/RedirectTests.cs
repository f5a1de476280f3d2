using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Outbound;

/// <summary>A redirect is a wish of the vendor's, checked like an address of a client's.</summary>
public sealed class RedirectTests : IDisposable
{
    private readonly FakeInternet internet = new();

    public void Dispose() => internet.Dispose();

    [Theory]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://inside.vendor.test/")]
    [InlineData("https://[::1]/")]
    [InlineData("http://vendor.test/")]
    [InlineData("http://169.254.169.254/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:name@other.test/")]
    public async Task A_redirect_inside_or_out_of_TLS_is_refused(string location)
    {
        await using var server = Vendor(exchange => exchange.RedirectAsync(302, location));
        internet.Name("inside.vendor.test", "10.0.0.1");
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, "https://vendor.test/"), default));

        Assert.Equal((OutboundFault.Refused, false), (fault.Fault, fault.WorkMayBeDone));
        // Whoever follows such advice opens the network to whom it was closed against.
        Assert.DoesNotContain("Allow", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["93.184.216.34"], internet.Connected);
    }

    [Theory]
    [InlineData("https://inside.vendor.test/")]
    [InlineData("http://inside.vendor.test/")]
    [InlineData("https://by-network.vendor.test/")]
    [InlineData("http://10.9.0.1/")]
    [InlineData("https://back.other.test/")]
    public async Task A_redirect_reaches_no_inner_host_that_is_allowed_for_others_even_over_a_kept_connection(string location)
    {
        await using var inner = new LocalServer(exchange => exchange.RespondAsync(200, "inner"), internet.Certificate);
        await using var server = Vendor(exchange =>
            exchange.Request.Target == "/" ? exchange.RedirectAsync(302, location) : exchange.RespondAsync(200));
        await using var other = new LocalServer(
            exchange => exchange.RedirectAsync(302, "https://inside.vendor.test/"),
            internet.Certificate);
        internet
            .Name("inside.vendor.test", "10.0.0.1")
            .Listen("10.0.0.1", inner)
            .Name("by-network.vendor.test", "10.9.0.1")
            .Listen("10.9.0.1", inner)
            .Name("back.other.test", "93.184.216.98")
            .Listen("93.184.216.98", other);
        using var http = internet.Http(new() { Retries = 0, Allow = ["inside.vendor.test", "10.9.0.0/16"] });
        Assert.Equal(
            "inner",
            await (await http.SendAsync(new(HttpMethod.Get, "https://inside.vendor.test/"), default)).Content.ReadAsStringAsync()
        );
        Assert.Equal(
            "inner",
            await (await http.SendAsync(new(HttpMethod.Get, "https://by-network.vendor.test/"), default)).Content.ReadAsStringAsync()
        );

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, "https://vendor.test/"), default));

        Assert.NotEqual(OutboundFault.Broken, fault.Fault);
        Assert.Equal(2, inner.Requests.Count);
    }

    [Fact]
    public async Task An_inner_host_may_redirect_to_itself()
    {
        await using var inner = new LocalServer(
            exchange =>
                exchange.Request.Target == "/"
                    ? exchange.RedirectAsync(302, "https://inside.vendor.test/there")
                    : exchange.RespondAsync(200, "there"),
            internet.Certificate);
        internet.Name("inside.vendor.test", "10.0.0.1").Listen("10.0.0.1", inner);
        using var http = internet.Http(new() { Retries = 0, Allow = ["inside.vendor.test"] });

        Assert.Equal(
            "there",
            await (await http.SendAsync(new(HttpMethod.Get, "https://inside.vendor.test/"), default)).Content.ReadAsStringAsync()
        );
    }

    [Fact]
    public async Task Three_redirects_are_followed_and_a_fourth_is_refused()
    {
        await using var server = Vendor(exchange => int.Parse(exchange.Request.Target[1..], null) is var left and > 0
            ? exchange.RedirectAsync(302, $"/{left - 1}")
            : exchange.RespondAsync(200, "there"));
        using var http = internet.Http();

        using var response = await http.SendAsync(new(HttpMethod.Get, "https://vendor.test/3"), default);
        Assert.Equal("there", await response.Content.ReadAsStringAsync());

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Get, "https://vendor.test/1000"), default)
        );
        Assert.Equal(OutboundFault.Refused, fault.Fault);
        Assert.Equal("https://vendor.test redirects for the 4th time; 3 are followed.", fault.Message);
        Assert.Equal(8, server.Requests.Count);
    }

    [Fact]
    public async Task A_vendor_that_lets_its_caller_wait_elsewhere_is_followed_for_an_hour_after_one_send()
    {
        await using var server = Vendor(exchange => int.Parse(exchange.Request.Target[1..], null) is var left and > 0
            ? exchange.RedirectAsync(303, $"/{left - 1}")
            : exchange.RespondAsync(200, "there"));
        using var http = internet.Http();

        using var response = await http.SendAsync(
            new(HttpMethod.Post, "https://vendor.test/24") { Content = new StringContent("work") },
            default);
        Assert.Equal("there", await response.Content.ReadAsStringAsync());
        Assert.Equal(["work", .. Enumerable.Repeat("", 24)], server.Requests.Select(request => request.Body));

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, "https://vendor.test/1000"), default)
        );
        Assert.Equal((OutboundFault.Refused, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal("https://vendor.test redirects for the 25th time; 24 are followed.", fault.Message);
    }

    [Fact]
    public async Task No_header_that_may_be_a_secret_crosses_to_another_host_or_comes_back()
    {
        await using var other = new LocalServer(exchange => exchange.RedirectAsync(302, "https://vendor.test/back"), internet.Certificate);
        await using var server = Vendor(exchange =>
            exchange.Request.Target == "/back" ? exchange.RespondAsync(200) : exchange.RedirectAsync(302, "https://other.test/")
        );
        internet.Name("other.test", "93.184.216.99").Listen("93.184.216.99", other);
        using var http = internet.Http();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://vendor.test/");
        foreach (
            var (name, value) in new[]
            {
                ("Authorization", "Bearer hidden"),
                ("X-Api-Key", "hidden"),
                ("Cookie", "hidden"),
                ("Idempotency-Key", "hidden"),
                ("Accept", "application/json"),
            })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, default);

        Assert.Equal(4, server.Requests[0].Headers.Values.Count(value => value.Contains("hidden", StringComparison.Ordinal)));
        Assert.All([other.Requests[0], server.Requests[1]], followed =>
        {
            Assert.DoesNotContain(followed.Headers.Values, value => value.Contains("hidden", StringComparison.Ordinal));
            Assert.Equal("application/json", followed.Headers["Accept"]);
        });
    }

    [Fact]
    public async Task Headers_stay_at_the_same_origin()
    {
        await using var server = Vendor(exchange =>
            exchange.Request.Target == "/" ? exchange.RedirectAsync(302, "https://VENDOR.test:443/next") : exchange.RespondAsync(200)
        );
        using var http = internet.Http();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://vendor.test/");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer key");

        using var response = await http.SendAsync(request, default);

        Assert.Equal("Bearer key", server.Requests[1].Headers["Authorization"]);
    }

    [Theory]
    [InlineData(301, "POST", "GET")]
    [InlineData(302, "POST", "GET")]
    [InlineData(303, "POST", "GET")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(303, "HEAD", "HEAD")]
    [InlineData(301, "PUT", "PUT")]
    [InlineData(302, "DELETE", "DELETE")]
    [InlineData(307, "POST", "POST")]
    [InlineData(308, "PUT", "PUT")]
    [InlineData(307, "GET", "GET")]
    public async Task The_method_changes_as_RFC_9110_says(int status, string method, string then)
    {
        await using var server = Vendor(exchange =>
            exchange.Request.Target == "/" ? exchange.RedirectAsync(status, "/next") : exchange.RespondAsync(204));
        using var http = internet.Http();
        using var request = new HttpRequestMessage(new(method), "https://vendor.test/")
        {
            Content = method is "GET" or "HEAD" ? null : new StringContent("""{"a":1}""", null, "application/json"),
        };

        using var response = await http.SendAsync(request, default);

        Assert.Equal(then, server.Requests[1].Method);
        Assert.Equal(then == method ? server.Requests[0].Body : "", server.Requests[1].Body);
        Assert.Equal(then == method && method is not ("GET" or "HEAD"), server.Requests[1].Headers.ContainsKey("Content-Type"));
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_body_is_not_carried_to_another_host(int status)
    {
        await using var other = new LocalServer(exchange => exchange.RespondAsync(200), internet.Certificate);
        await using var server = Vendor(exchange => exchange.RedirectAsync(status, "https://other.test/"));
        internet.Name("other.test", "93.184.216.99").Listen("93.184.216.99", other);
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, "https://vendor.test/") { Content = new StringContent("person") }, default)
        );

        Assert.Equal((OutboundFault.Refused, false), (fault.Fault, fault.WorkMayBeDone));
        Assert.StartsWith(
            $"https://vendor.test redirects the POST to https://other.test ({status}).",
            fault.Message,
            StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(302, "GET")]
    [InlineData(303, "GET")]
    [InlineData(307, "GET")]
    public async Task A_redirect_of_a_method_that_only_reads_is_not_followed_either(int status, string method)
    {
        await using var other = new LocalServer(exchange => exchange.RespondAsync(200), internet.Certificate);
        await using var server = Vendor(exchange => exchange.RedirectAsync(status, "https://other.test/"));
        internet.Name("other.test", "93.184.216.99").Listen("93.184.216.99", other);
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(new(method), "https://vendor.test/") { Content = new StringContent("person") }, default)
        );

        Assert.StartsWith(
            $"https://vendor.test redirects the {method} to https://other.test ({status}). A body is not sent on to another host",
            fault.Message,
            StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(301, "POST", "//", false)]
    [InlineData(302, "GET", "//", false)]
    [InlineData(302, "POST", "//", true)]
    [InlineData(303, "POST", "//:80/", true)]
    public async Task A_redirect_to_what_is_no_address_is_refused_and_says_whether_the_work_may_be_done(
        int status,
        string method,
        string location,
        bool may)
    {
        await using var server = Vendor(exchange => exchange.RedirectAsync(status, location));
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(new(method), "https://vendor.test/"), default));

        Assert.Equal((OutboundFault.Refused, may), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal($"https://vendor.test redirects the {method} ({status}) to a text that is not an address.", fault.Message);
    }

    [Theory]
    [InlineData(301, false)]
    [InlineData(302, true)]
    [InlineData(303, true)]
    public async Task The_work_of_a_post_may_be_done_before_a_redirect_that_fails(int status, bool may)
    {
        await using var server = Vendor(exchange => exchange.RedirectAsync(status, "https://nowhere.test/"));
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, "https://vendor.test/"), default)
        );

        Assert.Equal((OutboundFault.Unreachable, may), (fault.Fault, fault.WorkMayBeDone));
    }

    [Fact]
    public async Task A_redirect_without_an_address_is_an_answer()
    {
        await using var server = Vendor(exchange => exchange.RespondAsync(302));
        using var http = internet.Http();

        using var response = await http.SendAsync(new(HttpMethod.Get, "https://vendor.test/"), default);

        Assert.Equal(302, (int)response.StatusCode);
    }

    private LocalServer Vendor(Func<Exchange, Task> answer)
    {
        var server = new LocalServer(answer, internet.Certificate);
        internet.Name("vendor.test", "93.184.216.34").Listen("93.184.216.34", server);
        return server;
    }
}
