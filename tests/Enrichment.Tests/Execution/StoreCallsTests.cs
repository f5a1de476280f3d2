using System.Data.Common;
using Enrichment.Execution;

namespace Enrichment.Tests.Execution;

/// <summary>What a worker waits out, with its answers in hand, and what it takes for an error of its own.</summary>
public sealed class StoreCallsTests
{
    [Theory]
    [InlineData("08P01", false)] // PgBouncer: server conn crashed?
    [InlineData("08006", false)]
    [InlineData("40001", true)]
    [InlineData(null, true)]
    public void A_store_is_out_of_reach_if_the_driver_or_the_class_of_the_error_says_so(string? state, bool transient) =>
        Assert.True(StoreCalls.IsOutOfReach(new DatabaseError(state, transient)));

    [Theory]
    [InlineData("23505")]
    [InlineData("42P01")]
    [InlineData(null)]
    public void A_statement_that_fails_does_not_put_the_store_out_of_reach(string? state) =>
        Assert.False(StoreCalls.IsOutOfReach(new DatabaseError(state, transient: false)));

    private sealed class DatabaseError(string? state, bool transient) : DbException
    {
        public override string? SqlState => state;

        public override bool IsTransient => transient;
    }
}
