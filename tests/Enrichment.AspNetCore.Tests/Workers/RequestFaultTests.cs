using System.Net;
using System.Text;
using System.Text.Json;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>A worker's author knows no type of .NET: an error names the place in the body, and what belongs there.</summary>
public sealed class RequestFaultTests
{
    [Theory]
    [InlineData("fetch", """{"step":"python.size"}""", "$: expected an object with step, worker.")]
    [InlineData("fetch", "[]", "$: expected an object with step, worker.")]
    [InlineData("fetch", """{"step":7,"worker":"w"}""", "$.step: expected a text.")]
    [InlineData("fetch", """{"step":null,"worker":"w"}""", "$.step: expected a text.")]
    [InlineData("fetch", """{"step":"python.size","worker":"w","limit":99999999999}""", "$.limit: expected a whole number.")]
    [InlineData("fetch", """{"step":"python.size","worker":"w","lockSeconds":"long"}""", "$.lockSeconds: expected a number.")]
    [InlineData(
        "fetch",
        """{"step":"python.size","worker":"w","lock seconds":60}""",
        "$['lock seconds']: no such property; there are step, version, worker, limit, lockSeconds.")]
    [InlineData("fetch", """{"step":"python.size","worker":"w",""", "The body is not JSON: line 1, column 35.")]
    [InlineData("complete", """{"tasks":7}""", "$.tasks: expected a list, each element an object with task.")]
    [InlineData("complete", """{"tasks":[{"task":"x"},{}]}""", "$.tasks[1]: expected an object with task.")]
    [InlineData(
        "complete",
        """{"tasks":[{"task":"x","resultt":{}}]}""",
        "$.tasks[0].resultt: no such property; there are task, result, reason, cost.")]
    [InlineData("complete", """{"tasks":[{"task":"x","cost":"dear"}]}""", "$.tasks[0].cost: expected a number.")]
    [InlineData(
        "defer",
        """{"tasks":[{"task":"x","reason":"r","why":"later"}]}""",
        "$.tasks[0].why: expected one of retry, slowDown, outOfCredits, notCalled.")]
    [InlineData(
        "fail",
        """{"tasks":[{"task":"x","reason":"r","class":"transient"}]}""",
        "$.tasks[0].class: expected one of permanent, configuration, invalidOutput, outcomeUnknown.")]
    [InlineData(
        "complete",
        """{"tasks":[{"task":"x"},{"task":"y","result":[7]}]}""",
        "$.tasks[1].result: expected an object, or null where nothing was found.")]
    [InlineData(
        "defer",
        """{"tasks":[{"task":"x","reason":"r","afterSeconds":-1}]}""",
        "$.tasks[0].afterSeconds: expected 0 to 604800, got -1.")]
    [InlineData(
        "defer",
        """{"tasks":[{"task":"x","reason":"r","afterSeconds":1e9}]}""",
        "$.tasks[0].afterSeconds: expected 0 to 604800, got 1000000000.")]
    public async Task A_body_that_is_no_request_is_answered_with_the_place_and_the_wanted_kind(string path, string body, string detail)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        using var answer = await host.Http.PostAsync($"/workers/{path}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(
            (HttpStatusCode.BadRequest, detail),
            (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_result_that_is_not_UTF_8_is_answered_with_its_place_and_nothing_of_the_request_is_done()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var body = Encoding.UTF8.GetBytes("""{"tasks":[{"task":"x"},{"task":"y","result":{"company.size":"?"}}]}""");
        body[Array.IndexOf(body, (byte)'?')] = 0xff;

        using var answer = await host.Http.PostAsync("/workers/complete", Json(body));

        Assert.Equal(
            (HttpStatusCode.BadRequest, "$.tasks[1].result: expected UTF-8, got other bytes."),
            (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_body_that_is_larger_than_the_host_takes_is_answered_with_what_to_do()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/workers/complete")
        {
            Content = Json(new byte[30_000_001]),
            Headers = { ExpectContinue = true }, // The host answers before the body is sent.
        };

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("Send the tasks in several requests.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };
}
