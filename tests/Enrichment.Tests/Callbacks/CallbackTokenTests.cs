using System.Buffers.Text;
using System.Security.Cryptography;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Tests.Callbacks;

public class CallbackTokenTests
{
    private static readonly AttemptKey Attempt = new(new(63, 46_137_345, 3), 1_000_000, 7);

    private readonly KeyRing keys = KeyRing.Passing();

    [Fact]
    public void A_token_finds_its_attempt_and_stands_in_an_address_as_it_is()
    {
        var token = CallbackToken.Create(Attempt, keys);

        Assert.Matches("^[A-Za-z0-9_-]{56}$", token.ToString());
        var read = CallbackToken.Read(token.ToString());
        Assert.Equal((Attempt, true), (read!.Attempt, read.IsSignedWith(keys)));
        Assert.Equal(token.Hash, read.Hash);
    }

    [Fact]
    public void No_two_tokens_are_alike() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => CallbackToken.Create(Attempt, keys).ToString()).Distinct().Count());

    [Fact]
    public void A_token_with_any_character_changed_is_refused_without_the_store()
    {
        var token = CallbackToken.Create(Attempt, keys).ToString();
        for (var place = 0; place < token.Length; place++)
        {
            foreach (var character in "AZaz09-_=+/%. \t\n\u0000é")
            {
                var other = string.Concat(token.AsSpan(0, place), character.ToString(), token.AsSpan(place + 1));
                Assert.Equal(other == token, CallbackToken.Read(other)?.IsSignedWith(keys) == true);
            }
        }
    }

    [Fact]
    public void A_token_of_another_store_and_one_signed_for_another_purpose_are_refused()
    {
        var bytes = Base64Url.DecodeFromChars(CallbackToken.Create(Attempt, keys).ToString());
        keys.Sign(keys.Newest, "lease", bytes.AsSpan(0, 32), bytes.AsSpan(32));

        Assert.False(CallbackToken.Create(Attempt, KeyRing.Passing()).IsSignedWith(keys));
        Assert.False(CallbackToken.Read(Base64Url.EncodeToString(bytes))!.IsSignedWith(keys));
    }

    [Fact]
    public void After_a_rotation_the_newest_key_signs_and_the_older_ones_are_known_until_they_are_deleted()
    {
        TokenKey first = new(1, RandomNumberGenerator.GetBytes(32)), second = new(2, RandomNumberGenerator.GetBytes(32));
        var old = CallbackToken.Create(Attempt, new([first]));
        var both = new KeyRing([first, second]);
        var young = CallbackToken.Create(Attempt, both);

        Assert.Equal((1, 2), (old.Key, young.Key));
        Assert.True(old.IsSignedWith(both) && young.IsSignedWith(both));
        Assert.False(old.IsSignedWith(new([second])));
        Assert.False(young.IsSignedWith(new([first])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AT8CwAABAAMAD0JAAAAABwAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("ŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁ")]
    public void Text_that_is_no_token_is_refused(string text) => Assert.Null(CallbackToken.Read(text));
}
