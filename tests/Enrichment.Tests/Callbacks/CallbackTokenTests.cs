using Enrichment.Callbacks;
using Enrichment.Storage;

namespace Enrichment.Tests.Callbacks;

public class CallbackTokenTests
{
    private static readonly AttemptKey Attempt = new(new(63, 46_137_345, 3), 1_000_000, 7);

    [Fact]
    public void A_token_finds_its_attempt_and_stands_in_an_address_as_it_is()
    {
        var token = CallbackToken.Create(Attempt, out var hash);

        Assert.Matches("^[A-Za-z0-9_-]{43}$", token);
        Assert.True(CallbackToken.TryRead(token, out var attempt, out var read));
        Assert.Equal(Attempt, attempt);
        Assert.Equal(hash, read);
    }

    [Fact]
    public void No_two_tokens_are_alike() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => CallbackToken.Create(Attempt, out var _)).Distinct().Count());

    [Fact]
    public void What_is_changed_in_any_place_is_another_token_or_none()
    {
        var token = CallbackToken.Create(Attempt, out var hash);
        for (var place = 0; place < token.Length - 1; place++)
        {
            var other = string.Concat(token.AsSpan(0, place), token[place] == 'A' ? "B" : "A", token.AsSpan(place + 1));
            Assert.False(CallbackToken.TryRead(other, out _, out var read) && read.AsSpan().SequenceEqual(hash), $"place {place}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AT8CwAABAAMAD0JAAAAABwAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("ŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁ")]
    public void What_is_none_is_refused(string text) => Assert.False(CallbackToken.TryRead(text, out _, out _));
}
