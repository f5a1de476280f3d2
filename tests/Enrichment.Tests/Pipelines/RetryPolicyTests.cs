using CsCheck;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class RetryPolicyTests
{
    private static readonly RetryPolicy Policy = new() { MaxTries = 4 };

    [Theory]
    [InlineData(0, 0.0, 0.5)]
    [InlineData(1, 0.0, 0.5)]
    [InlineData(1, 1.0, 1.0)]
    [InlineData(2, 0.5, 1.5)]
    [InlineData(3, 1.0, 4.0)]
    [InlineData(9, 1.0, 256.0)]
    [InlineData(10, 1.0, 300.0)]
    [InlineData(int.MaxValue, 0.0, 150.0)]
    public void The_wait_doubles_from_one_second_to_five_minutes_and_is_spread_over_its_upper_half(
        int tries,
        double random,
        double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Policy.Delay(tries, random));

    [Theory]
    [InlineData(30, 0.0, 30.0)]
    [InlineData(30, 0.5, 30.5)]
    [InlineData(0.2, 0.0, 0.2)]
    [InlineData(3600, 0.0, 3600.0)]
    [InlineData(1e9, 0.0, 3600.0)]
    [InlineData(0, 0.0, 0.5)]
    [InlineData(-5, 0.0, 0.5)]
    public void A_wait_that_the_vendor_asks_for_is_obeyed_up_to_an_hour(double retryAfter, double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Policy.Delay(1, random, TimeSpan.FromSeconds(retryAfter)));

    [Fact]
    public void A_wait_is_never_negative_and_never_longer_than_allowed() =>
        Gen.Select(Gen.Int, Gen.Double[0, 1], Gen.Int[1, 3_600_000], Gen.Int[0, 86_400_000])
            .Sample(
                (tries, random, first, more) =>
                {
                    var policy = new RetryPolicy
                    {
                        MaxTries = 1,
                        BaseDelay = TimeSpan.FromMilliseconds(first),
                        MaxDelay = TimeSpan.FromMilliseconds((double)first + more),
                    };
                    var delay = policy.Delay(tries, random);
                    return delay > TimeSpan.Zero && delay <= policy.MaxDelay;
                });

    [Fact]
    public void A_stage_changes_what_it_names_and_leaves_the_rest()
    {
        var manifest = new StepManifest { Slug = "a", Version = "1.0.0", MaxTries = 7 };
        Assert.Equal(new() { MaxTries = 7 }, new RetryOverride().Over(manifest));
        Assert.Equal(new() { MaxTries = 2 }, new RetryOverride { Tries = 2 }.Over(manifest));
        Assert.Equal(
            new() { MaxTries = 7, BaseDelay = TimeSpan.FromMinutes(10), MaxDelay = TimeSpan.FromMinutes(10) },
            new RetryOverride { BaseDelay = TimeSpan.FromMinutes(10) }.Over(manifest));
        Assert.Equal(
            new() { MaxTries = 7, BaseDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromMilliseconds(50) },
            new RetryOverride { MaxDelay = TimeSpan.FromMilliseconds(50) }.Over(manifest));
    }
}
