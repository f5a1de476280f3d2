using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Enrichment.Json;

namespace Enrichment.Tests.Storage;

public class JsonGateTests
{
    [Theory]
    [InlineData("""{"a":"\u0000"}""", "nul_character")]
    [InlineData("""{"\u0000":1}""", "nul_character")]
    [InlineData("""["\ud800"]""", "lone_surrogate")]
    [InlineData("""["\udc00\ud800"]""", "lone_surrogate")]
    [InlineData("""{"\ud800x":1}""", "lone_surrogate")]
    [InlineData("""{"a":1,"a":1}""", "duplicate_property")]
    [InlineData("""{"a":1,"\u0061":1}""", "duplicate_property")]
    [InlineData("""[{"é":1,"\u00e9":1}]""", "duplicate_property")]
    [InlineData("1e310", "number_out_of_range")]
    [InlineData("1e-351", "number_out_of_range")]
    [InlineData("1e131071", "number_out_of_range")]
    [InlineData("1e99999999999999999999", "number_out_of_range")]
    [InlineData("0.12345678901234567890123456789012345678901", "number_out_of_range")]
    [InlineData("12345678901234567890123456789012345678901", "number_out_of_range")]
    [InlineData("NaN", "invalid_json")]
    [InlineData("Infinity", "invalid_json")]
    [InlineData("", "invalid_json")]
    [InlineData("1 2", "invalid_json")]
    [InlineData("[1,]", "invalid_json")]
    [InlineData("// no\n1", "invalid_json")]
    [InlineData("{\"a\":1", "invalid_json")]
    [InlineData("\"a\nb\"", "invalid_json")]
    public void Json_that_a_store_cannot_keep_is_refused_with_a_reason(string json, string code) =>
        Assert.Equal(code, Refused(Encoding.UTF8.GetBytes(json)).Code);

    [Theory]
    [InlineData("""  { "b" : [ 1 , true , null ] , "a" : { } }  """, """{"b":[1,true,null],"a":{}}""")]
    [InlineData("""["\u0041\/\"\\\u001f\b\n\ud83d\ude00é"]""", """["A/\"\\\u001f\b\n😀é"]""")]
    [InlineData(
        "[1e2,1E-2,1.50,1.50e1,-0,-0.0,0e5,0e-3,5e-1,12.5e-3,0.05e2,0.5e3,1.0e+2,-1e-2]",
        "[100,0.01,1.50,15.0,0,0.0,0,0.000,0.5,0.0125,5,500,100,-0.01]")]
    [InlineData("[12345678901234567890,9223372036854775807]", "[12345678901234567890,9223372036854775807]")]
    [InlineData("\"\u2028\u007f\"", "\"\u2028\u007f\"")]
    public void Accepted_json_comes_out_in_one_canonical_form(string json, string canonical) => Assert.Equal(canonical, Accepted(json));

    [Fact]
    public void Every_finite_double_passes()
    {
        foreach (var value in new[] { double.MaxValue, double.MinValue, double.Epsilon, 0.1 + 0.2, 1e21, 1e-7, 5e-324 })
        {
            var canonical = Accepted(JsonSerializer.Serialize(value));
            Assert.Equal(value, double.Parse(canonical, System.Globalization.CultureInfo.InvariantCulture));
            Assert.DoesNotContain("E", canonical, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_bytes_of_a_string_must_be_UTF_8()
    {
        Assert.Equal("invalid_utf8", Refused([(byte)'"', 0xC3, (byte)'"']).Code);
        Assert.Equal("invalid_utf8", Refused([(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']).Code);
        Assert.Equal("invalid_utf8", Refused([(byte)'"', 0xC0, 0x80, (byte)'"']).Code);
    }

    [Fact]
    public void Sixty_four_levels_pass_and_one_more_does_not()
    {
        Assert.Equal(new string('[', 64) + new string(']', 64), Accepted(new string('[', 64) + new string(']', 64)));
        Assert.Equal("too_deep", Refused(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65))).Code);
    }

    [Fact]
    public void A_depth_of_a_hundred_thousand_and_fifty_megabytes_are_refused_at_once()
    {
        var deep = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000));
        byte[] large = [.. "\""u8, .. Enumerable.Repeat((byte)'x', 50_000_000), .. "\""u8];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("too_deep", Refused(deep).Code);
        Assert.Equal("too_large", Refused(large).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_short_text_that_would_become_long_is_held_to_the_limit_too() =>
        Assert.Equal("too_large", Refused(Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("1e308", 5000)) + "]")).Code);

    [Fact]
    public void Many_names_in_one_object_cost_linear_time()
    {
        var names = string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"name{i:D6}\":1"));
        Assert.Equal("{" + names + "}", Accepted("{" + names + "}"));
        Assert.Equal("duplicate_property", Refused(Encoding.UTF8.GetBytes("{" + names + ",\"name000007\":2}")).Code);
    }

    [Fact]
    public void Equal_names_in_different_objects_are_no_duplicates() =>
        Assert.Equal("""[{"a":{"a":1,"b":{"a":1}},"b":{}},{"a":2}]""", Accepted("""[{"a":{"a":1,"b":{"a":1}},"b":{}},{"a":2}]"""));

    [Fact]
    public void Objects_elements_and_bytes_meet_the_same_gate()
    {
        Assert.True(JsonGate.Default.TryAccept(new { Name = "a\u0001", Ratio = 1e3 }, null, out var fromObject, out _));
        using var document = JsonDocument.Parse("""{"Name" : "a\u0001", "Ratio":1000}""");
        Assert.True(JsonGate.Default.TryAccept(document.RootElement, out var fromElement, out _));
        Assert.Equal(fromObject, fromElement);
        Assert.False(JsonGate.Default.TryAccept(new { Name = "\0" }, null, out _, out var refusal));
        Assert.Equal("nul_character", refusal.Code);
        Assert.False(JsonGate.Default.TryAccept(default(JsonElement), out _, out refusal));
        Assert.Equal("invalid_json", refusal.Code);
    }

    [Fact]
    public void Json_that_cannot_be_serialised_is_refused_and_does_not_fill_the_memory()
    {
        var cycle = new List<object>();
        cycle.Add(cycle);
        JsonNode deep = new JsonArray();
        for (var i = 0; i < 100_000; i++)
        {
            deep = new JsonArray(deep);
        }

        object?[] values =
        [
            double.NaN,
            double.PositiveInfinity,
            "\0",
            cycle,
            deep,
            new string('x', 50_000_000),
            Enumerable.Range(0, 10_000_000),
            (Action)(() => { }),
        ];
        foreach (var value in values)
        {
            Assert.False(JsonGate.Default.TryAccept(value, null, out _, out _), value?.GetType().Name);
        }
    }

    [Fact]
    public void Text_meets_the_same_rules()
    {
        // Not a theory: its runner would hand a lone surrogate on as U+FFFD.
        Assert.All(["", "plain", "😀"], text => Assert.Null(JsonGate.Refuse(text)));
        Assert.Equal("nul_character", JsonGate.Refuse("a\0")?.Code);
        Assert.All(["\ud83d", "\ud83dx", "\ude00", "😀\ude00"], text => Assert.Equal("lone_surrogate", JsonGate.Refuse(text)?.Code));
    }

    [Fact]
    public void Any_string_comes_back_as_it_went_in_or_is_refused() =>
        Gen.String.Sample(text =>
        {
            var sink = new Utf8Sink(1);
            if (sink.AppendJsonString(text.AsSpan()) is { } refusal)
            {
                return text.Contains('\0') ? refusal.Code is "nul_character" or "lone_surrogate" : refusal.Code == "lone_surrogate";
            }

            return JsonSerializer.Deserialize<string>(sink.Written) == text
                && Accepted(Encoding.UTF8.GetString(sink.Written)) == Encoding.UTF8.GetString(sink.Written);
        });

    [Fact]
    public void Canonical_is_canonical_again_and_any_bytes_are_decided_without_an_exception() =>
        Gen.OneOf(Gen.Char["[]{},:\"\\u0aeE1-+.é \n\ud83d\0"].Array[0, 40].Select(c => new string(c)), Gen.String).Sample(text =>
        {
            if (!JsonGate.Default.TryAccept(Encoding.UTF8.GetBytes(text), out var canonical, out _))
            {
                return true;
            }

                    return Accepted(Encoding.UTF8.GetString(canonical)) == Encoding.UTF8.GetString(canonical)
                        && JsonNode.DeepEquals(JsonNode.Parse(Encoding.UTF8.GetBytes(text)), JsonNode.Parse(canonical));
                },
                iter: 100_000);

    [Theory]
    [InlineData("1E85")]
    [InlineData("-1.5e-85")]
    [InlineData("1e-350")]
    [InlineData("9007199254740993e292")]
    [InlineData("100000000000000000000000000000000000000000000000E-1")]
    public void A_number_whose_exponent_is_written_out_is_accepted_again(string number) =>
        Assert.Equal(Accepted(number), Accepted(Accepted(number)));

    private static string Accepted(string json)
    {
        Assert.True(JsonGate.Default.TryAccept(Encoding.UTF8.GetBytes(json), out var canonical, out var refusal), refusal?.Reason);
        return Encoding.UTF8.GetString(canonical!);
    }

    private static GateRefusal Refused(ReadOnlySpan<byte> json)
    {
        Assert.False(JsonGate.Default.TryAccept(json, out var canonical, out var refusal));
        Assert.Null(canonical);
        return refusal!;
    }
}
