using System.Data.Common;
using Enrichment.Plans;

namespace Enrichment.Tests.Execution;

/// <summary>What a worker waits out, with its answers in hand, and what it takes for an error of its own.</summary>
public sealed class StoreRetryTests
{
    [Theory]
    [InlineData("08P01")] // PgBouncer: server conn crashed?
    [InlineData("08006")]
    [InlineData("25006")] // a read-only server
    [InlineData("28P01")] // a changed password
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("42501")] // a revoked right
    [InlineData("53100")]
    [InlineData("53300")]
    [InlineData("55P03")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("3D000")]
    [InlineData(null)] // no server takes writes; a broken connection
    public void A_store_is_out_of_reach_unless_the_error_blames_the_statement_or_its_data(string? state)
    {
        Assert.True(StoreRetry.IsOutOfReach(new DatabaseError(state)));
        Assert.False(StoreRetry.IsOfData(new DatabaseError(state)));
    }

    [Theory]
    [InlineData("21000")]
    [InlineData("22P05")]
    [InlineData("23505")]
    [InlineData("54000")]
    public void An_error_that_data_may_cause_does_not_put_the_store_out_of_reach(string state)
    {
        Assert.False(StoreRetry.IsOutOfReach(new DatabaseError(state)));
        Assert.True(StoreRetry.IsOfData(new DatabaseError(state)));
    }

    [Theory]
    [InlineData("42P01")]
    [InlineData("0A000")]
    [InlineData("XX001")]
    public void A_statement_that_fails_is_neither(string state)
    {
        Assert.False(StoreRetry.IsOutOfReach(new DatabaseError(state)));
        Assert.False(StoreRetry.IsOfData(new DatabaseError(state)));
    }

    private sealed class DatabaseError(string? state) : DbException
    {
        public override string? SqlState => state;
    }
}
