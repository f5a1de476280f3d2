using System.Net;
using System.Text;
using System.Text.Json;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>A worker's author knows no type of .NET: an error names the place in the body, and what belongs there.</summary>
public sealed class RequestFaultTests
{
    [Theory]
    [InlineData("claim", """{"step":"python.size"}""", "$: expected an object with step, worker.")]
    [InlineData("claim", "[]", "$: expected an object with step, worker.")]
    [InlineData("claim", """{"step":7,"worker":"w"}""", "$.step: expected a text.")]
    [InlineData("claim", """{"step":null,"worker":"w"}""", "$.step: expected a text.")]
    [InlineData("claim", """{"step":"python.size","worker":"w","limit":99999999999}""", "$.limit: expected a whole number.")]
    [InlineData("claim", """{"step":"python.size","worker":"w","leaseSeconds":"long"}""", "$.leaseSeconds: expected a number.")]
    [InlineData(
        "claim",
        """{"step":"python.size","worker":"w","lease seconds":60}""",
        "$['lease seconds']: no such property; there are step, version, worker, limit, leaseSeconds.")]
    [InlineData("claim", """{"step":"python.size","worker":"w",""", "The body is not JSON: line 1, column 35.")]
    [InlineData("complete", """{"lease":"x","items":7}""", "$.items: expected a list, each element an object with item, attempt.")]
    [InlineData(
        "complete",
        """{"lease":"x","items":[{"item":1,"attempt":1},{"item":1}]}""",
        "$.items[1]: expected an object with item, attempt.")]
    [InlineData(
        "complete",
        """{"lease":"x","items":[{"item":1,"attempt":1,"resultt":{}}]}""",
        "$.items[0].resultt: no such property; there are item, attempt, result, reason, cost.")]
    [InlineData("complete", """{"lease":"x","items":[{"item":1,"attempt":1,"cost":"dear"}]}""", "$.items[0].cost: expected a number.")]
    [InlineData(
        "defer",
        """{"lease":"x","items":[{"item":1,"attempt":1,"reason":"r","countsTry":1}]}""",
        "$.items[0].countsTry: expected true or false.")]
    [InlineData(
        "fail",
        """{"lease":"x","items":[{"item":1,"attempt":1,"reason":"r","class":"transient"}]}""",
        "$.items[0].class: expected one of permanent, configuration, invalidOutput, outcomeUnknown.")]
    public async Task A_body_that_is_no_request_is_answered_with_the_place_and_the_wanted_kind(string path, string body, string detail)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        using var answer = await host.Http.PostAsync($"/workers/{path}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(
            (HttpStatusCode.BadRequest, detail),
            (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()));
    }
}
