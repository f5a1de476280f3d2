using Npgsql;

namespace Enrichment.TestKit.Tests;

public sealed class WaitTests
{
    [Fact]
    public async Task A_database_that_does_not_answer_is_asked_again()
    {
        var asked = 0;

        var answer = await Wait.UntilFoundAsync(() =>
            ++asked < 3 ? throw new NpgsqlException("away") : Task.FromResult(asked == 3 ? null : "here"));

        Assert.Equal(("here", 4), (answer, asked));
    }

    [Fact]
    public async Task A_failure_inside_a_condition_ends_the_wait() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Wait.UntilAsync(bool () => throw new InvalidOperationException()));
}
