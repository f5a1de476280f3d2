using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>A fetch over HTTP, which commits bucket by bucket, while the server refuses some of it.</summary>
public sealed class HalfwayTests
{
    [Fact]
    public async Task A_fetch_that_fails_halfway_gives_what_it_has_fetched()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await Wait.UntilAsync(async () => await worker.OwnAsync<long>("select count(*) from enrichment.external_tasks") == 1);

        // A like task in another bucket, and a server that lets only one bucket's be fetched.
        await worker.OwnAsync("""
            create table enrichment.copied as select * from enrichment.external_tasks;
            update enrichment.copied set bucket = (bucket + 1) % 64;
            insert into enrichment.external_tasks select * from enrichment.copied;
            create function enrichment.refuse() returns trigger language plpgsql as $$
            begin
                if new.token is not null and exists (select 1 from enrichment.external_tasks t where t.token is not null and t.bucket <> new.bucket) then
                    raise exception 'no more';
                end if;
                return new;
            end $$;
            create trigger refuse before update on enrichment.external_tasks for each row execute function enrichment.refuse();
            """);
        var failures = new List<Exception>();

        Assert.Single(await FetchAsync(worker, failures));
        Assert.Equal("P0001", Assert.IsType<PostgresException>(Assert.Single(failures)).SqlState);

        // With nothing in hand the failure is the answer.
        await Assert.ThrowsAsync<PostgresException>(() => FetchAsync(worker, failures));
        Assert.Single(failures);
    }

    private static Task<IReadOnlyList<FetchedTask>> FetchAsync(SqlWorker worker, List<Exception> failures) =>
        worker.Engine.Store.FetchTasksAsync(
            new()
            {
                Step = "python.size",
                Worker = "test/1",
                Identity = "http:worker",
                Clients = ["*"],
                Limit = 10,
                Hold = TimeSpan.FromMinutes(1),
                FailedHalfway = failures.Add,
            },
            default);
}
