using System.Security.Cryptography;
using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public sealed class TokenKeysTests
{
    private readonly FakeTimeProvider time = new();
    private readonly KeyStore store = new();

    [Fact]
    public async Task Numbers_of_keys_that_strangers_make_up_cost_no_read_beyond_one_a_minute()
    {
        var keys = new TokenKeys(store, time);
        for (var minute = 1; minute <= 3; minute++)
        {
            foreach (var number in Enumerable.Range(2, 200))
            {
                Assert.False((await keys.ReadAsync((byte)number, default)).Has((byte)number));
            }

            Assert.Equal(minute, store.Reads);
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task A_new_key_is_known_to_every_host_before_any_signs_with_it_and_a_deleted_one_is_forgotten()
    {
        var keys = new TokenKeys(store, time);
        Assert.Equal(1, (await keys.ReadAsync(default)).Newest);

        TokenKey second = new(2, RandomNumberGenerator.GetBytes(32), MaySign: false);
        store.Keys = [.. store.Keys, second];
        time.Advance(TimeSpan.FromMinutes(1));
        var ring = await keys.ReadAsync(2, default);
        Assert.Equal((true, 1), (ring.Has(2), ring.Newest));

        store.Keys = [second with { MaySign = true }];
        time.Advance(TimeSpan.FromMinutes(1));
        ring = await keys.ReadAsync(3, default);
        Assert.Equal((false, 2), (ring.Has(1), ring.Newest));
    }

    [Fact]
    public async Task While_the_store_is_away_known_keys_serve_and_an_unknown_one_fails_instead_of_being_refused()
    {
        var keys = new TokenKeys(store, time);
        await keys.ReadAsync(1, default);
        store.Trouble = new IOException("away");
        time.Advance(TimeSpan.FromMinutes(2));

        Assert.True((await keys.ReadAsync(1, default)).Has(1));
        await Assert.ThrowsAsync<IOException>(() => keys.ReadAsync(2, default));
    }

    [Fact]
    public async Task A_store_without_a_sound_key_says_how_to_make_one()
    {
        store.Keys = [new(1, new byte[8])];

        var trouble = await Assert.ThrowsAsync<EnrichmentException>(() => new TokenKeys(store, time).ReadAsync(default));

        Assert.Contains("32 random bytes", trouble.Message, StringComparison.Ordinal);
    }

    private sealed class KeyStore : ITokenKeyStore
    {
        public int Reads { get; private set; }

        public TokenKey[] Keys { get; set; } = [new(1, RandomNumberGenerator.GetBytes(32))];

        public Exception? Trouble { get; set; }

        public Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken)
        {
            Reads++;
            return Trouble is null ? Task.FromResult<IReadOnlyList<TokenKey>>(Keys) : Task.FromException<IReadOnlyList<TokenKey>>(Trouble);
        }
    }
}
