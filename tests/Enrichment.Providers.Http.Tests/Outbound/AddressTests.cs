using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Outbound;

/// <summary>No spelling and no answer of a name server leads to an address inside.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:2::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:808:808::1")]
    [InlineData("3fff::1")]
    [InlineData("4000::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public async Task A_name_that_leads_inside_is_refused_and_nothing_is_connected_to(string address)
    {
        using var internet = new FakeInternet().Name("vendor.test", address);
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get("https://vendor.test/"), default));

        Assert.Equal((OutboundFault.Refused, false), (fault.Fault, fault.WorkMayBeDone));
        Assert.Contains("is not a public one", fault.Message, StringComparison.Ordinal);
        Assert.Empty(internet.Connected);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("017700000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.1")]
    [InlineData("0X7F.0.0.0x1")]
    [InlineData("127.0.0.1.")]
    [InlineData("2852039166")]
    [InlineData("0xA9FEA9FE")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[0000::0001]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::FFFF:169.254.169.254]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::169.254.169.254]")]
    [InlineData("[64:ff9b:1::a9fe:a9fe]")]
    [InlineData("[2002:a9fe:a9fe::]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[FE80::1%25eth0]")]
    [InlineData("[fe80::a9fe:a9fe]")]
    [InlineData("①②⑦.⓪.⓪.①")]
    [InlineData("127。0。0。1")]
    public async Task An_address_in_the_url_is_refused_in_every_spelling(string host)
    {
        // What the URI does not read as an address goes to the resolver, and the operating system's would read it as inet_aton does.
        using var internet = new FakeInternet()
            .Name("127.0.0.1.", "127.0.0.1")
            .Name("①②⑦.⓪.⓪.①", "127.0.0.1")
            .Name("127。0。0。1", "127.0.0.1");
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get($"https://{host}/"), default));

        Assert.Equal(OutboundFault.Refused, fault.Fault);
        Assert.Empty(internet.Connected);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("169.253.0.1")]
    [InlineData("198.17.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:800::200e")]
    [InlineData("2001:4860:4860::8888")]
    public async Task A_public_address_is_called(string address)
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name("vendor.test", address).Listen(address, server);
        using var http = internet.Http();

        using var response = await http.SendAsync(Get("https://vendor.test/"), default);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal([address], internet.Connected);
    }

    [Theory]
    [InlineData("https://10.0.0.1/", true)]
    [InlineData("https://[fd12::5]/", true)]
    [InlineData("https://169.254.169.254/", false)]
    [InlineData("https://[fd00:ec2::254]/", false)]
    [InlineData("https://[fe80::1]/", false)]
    public async Task Nobody_is_advised_to_open_what_serves_a_clouds_credentials(string address, bool advised)
    {
        using var internet = new FakeInternet();
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get(address), default));

        Assert.Equal(
            advised,
            fault.Message.EndsWith(
                " If it is meant to be called, put the host or its network into OutboundHttpOptions.Allow.",
                StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:168.63.129.16")]
    [InlineData("::169.254.169.254")]
    [InlineData("::ffff:0:a9fe:a9fe")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::")]
    [InlineData("2001:db8:122:344::a9fe:a9fe")]
    [InlineData("fd64:a9fe:a9fe::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:a9fe:102::1")]
    [InlineData("2001:0:a9fe:a9fe:8000::1")]
    [InlineData("2001:0:4136:e378:8000:63bf:5601:5601")]
    [InlineData("2001:0:4136:e378:8000:63bf:5601:fefe")]
    [InlineData("2a00:1450:4001:800:0:5efe:a9fe:a9fe")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::a9fe:a9fe")]
    public async Task No_allowed_name_leads_to_an_address_of_cloud_credentials_in_any_wrapping(string address)
    {
        using var internet = new FakeInternet().Name("inside.vendor.test", address);
        using var http = internet.Http(new() { Retries = 0, Allow = ["inside.vendor.test"] });

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get("https://inside.vendor.test/"), default));

        Assert.Equal(OutboundFault.Refused, fault.Fault);
        Assert.Empty(internet.Connected);
    }

    [Theory]
    [InlineData("Müller")]
    [InlineData("a\r\nX-Admin: 1")]
    public async Task A_header_that_cannot_be_sent_is_told_and_nothing_is_connected_to(string value)
    {
        using var internet = new FakeInternet();
        internet.Name("vendor.test", "93.184.216.34");
        using var http = internet.Http();
        using var request = Get("https://vendor.test/");
        request.Headers.TryAddWithoutValidation("X-Name", value);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(request, default));

        Assert.Equal((OutboundFault.Refused, false), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal(
            "https://vendor.test is not called: the header X-Name holds a character that no header can carry: it has to be ASCII, on one line.",
            fault.Message);
        Assert.Empty(internet.Connected);
    }

    [Fact]
    public async Task A_name_that_answers_publicly_first_and_privately_later_is_refused_the_second_time()
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(
            async exchange =>
            {
                await exchange.RespondAsync(200, "hello", "Connection: close");
                exchange.Close();
            },
            internet.Certificate);
        internet.Name("vendor.test", "93.184.216.34", "127.0.0.1").Listen("93.184.216.34", server).Listen("127.0.0.1", server);
        using var http = internet.Http();

        using var first = await http.SendAsync(Get("https://vendor.test/"), default);
        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get("https://vendor.test/"), default));

        Assert.Equal(OutboundFault.Refused, fault.Fault);
        Assert.Equal(["93.184.216.34"], internet.Connected);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_name_is_resolved_once_for_a_connection_and_the_connection_goes_where_the_check_looked()
    {
        // A resolver that alternates: a second question between check and connection would lead inside.
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name("vendor.test", "93.184.216.34", "10.0.0.1").Listen("93.184.216.34", server);
        using var http = internet.Http();

        using var response = await http.SendAsync(Get("https://vendor.test/"), default);

        Assert.Equal(["93.184.216.34"], internet.Connected);
    }

    [Fact]
    public async Task Of_mixed_answers_only_the_public_address_is_connected_to()
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name("vendor.test", "10.0.0.1 ::1 93.184.216.34 169.254.169.254").Listen("93.184.216.34", server);
        using var http = internet.Http();

        using var response = await http.SendAsync(Get("https://vendor.test/"), default);

        Assert.Equal(["93.184.216.34"], internet.Connected);
    }

    [Fact]
    public async Task The_next_address_is_tried_if_one_does_not_listen()
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name("vendor.test", "93.184.216.34 93.184.216.35").Listen("93.184.216.35", server);
        using var http = internet.Http();

        using var response = await http.SendAsync(Get("https://vendor.test/"), default);

        Assert.Equal(["93.184.216.34", "93.184.216.35"], internet.Connected);
    }

    [Theory]
    [InlineData("inside.vendor.test", "10.0.0.7", true)]
    [InlineData("INSIDE.vendor.test", "10.0.0.7", true)]
    [InlineData("else.vendor.test", "10.0.0.7", false)]
    [InlineData("inside.vendor.test", "169.254.169.254", false)]
    [InlineData("inside.vendor.test", "::ffff:169.254.169.254", false)]
    [InlineData("inside.vendor.test", "64:ff9b::a9fe:a9fe", false)]
    [InlineData("inside.vendor.test", "2002:a9fe:a9fe::", false)]
    [InlineData("inside.vendor.test", "fd00:ec2::254", false)]
    [InlineData("else.vendor.test", "10.1.2.3", true)]
    [InlineData("else.vendor.test", "10.2.0.0", false)]
    [InlineData("else.vendor.test", "fd12::5", true)]
    [InlineData("else.vendor.test", "fd12::6", false)]
    public async Task Addresses_that_the_host_allows_are_called_and_no_others(string name, string address, bool called)
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name(name, address).Listen(address, server);
        using var http = internet.Http(new() { Allow = ["inside.vendor.test.", "10.1.0.0/16", "fd12::5"], Retries = 0 });

        var call = http.SendAsync(Get($"https://{name}/"), default);

        if (called)
        {
            using var response = await call;
            Assert.Equal(200, (int)response.StatusCode);
        }
        else
        {
            Assert.Equal(OutboundFault.Refused, (await Assert.ThrowsAsync<OutboundException>(() => call)).Fault);
            Assert.Empty(internet.Connected);
        }
    }

    [Theory]
    [InlineData("http://vendor.test/", "it would be called without TLS")]
    [InlineData("ftp://vendor.test/", "only http and https are supported")]
    [InlineData("file:///etc/passwd", "only http and https are supported")]
    [InlineData("https://user:hidden@vendor.test/", "its address holds a user name or password")]
    public async Task Schemes_and_user_names_are_refused_before_anything_is_resolved(string url, string why)
    {
        using var internet = new FakeInternet();
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get(url), default));

        Assert.Equal(OutboundFault.Refused, fault.Fault);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_not_trusted()
    {
        using var internet = new FakeInternet();
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, "hello"), internet.Certificate);
        internet.Name("stranger.test", "93.184.216.34").Listen("93.184.216.34", server);
        using var http = internet.Http();

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(Get("https://stranger.test/"), default));

        Assert.Equal((OutboundFault.Unreachable, false), (fault.Fault, fault.WorkMayBeDone));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void Options_out_of_range_are_listed_together()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            new OutboundHttp(
                new()
                {
                    Allow = ["http://x", "10.0.0.0/40"],
                    Deadline = TimeSpan.Zero,
                    MaxHeaderBytes = 1,
                    MaxBodyBytes = 0,
                    Retries = 6,
                    ConnectTimeout = TimeSpan.FromDays(1),
                }));

        Assert.Equal(
            """
            The options for calls outside cannot be used.
            Allow holds 'http://x': expected a host name (vendor.internal), an address (10.1.2.3) or a network (10.1.0.0/16). No scheme, port or path.
            Allow holds '10.0.0.0/40': expected a host name (vendor.internal), an address (10.1.2.3) or a network (10.1.0.0/16). No scheme, port or path.
            Deadline is 00:00:00: expected 1 millisecond to 1 hour.
            ConnectTimeout is 1.00:00:00: expected 1 millisecond to 1 hour.
            MaxHeaderBytes is 1: expected 1,024 to 1,048,576.
            MaxBodyBytes is 0: expected 1 to 1,073,741,824.
            Retries is 6: expected 0 to 5.
            """,
            fault.Message);
    }

    private static HttpRequestMessage Get(string url) => new(HttpMethod.Get, url);
}
