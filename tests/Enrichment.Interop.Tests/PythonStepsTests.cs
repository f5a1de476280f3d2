using Enrichment.TestKit;

namespace Enrichment.Interop.Tests;

/// <summary>The loop of the sample's worker over its steps.</summary>
public sealed class PythonStepsTests
{
    private const string Work = """
        import worker
        class Tasks:
            def fetch(self, step, limit):
                print(step, flush=True)
                if step == "python.domain":
                    raise RuntimeError("the step is not in the worker's scope")
                return []
        print(worker.work_all(Tasks(), 1, 60))
        """;

    [Fact]
    public async Task A_step_that_the_worker_may_not_have_keeps_it_from_no_other_and_is_named()
    {
        var worker = Path.Combine(TestPaths.RepositoryRoot, "samples", "PolyglotWorker", "worker");

        var said = await ShellCommand.RunAsync(
            ["env", $"PYTHONPATH={worker}", "python3", "-B", "-c", Work],
            Path.GetTempPath(),
            CancellationToken.None);

        Assert.Equal(
            "python.domain\npython.score\nFalse\npython.domain: RuntimeError: the step is not in the worker's scope\n",
            said.ReplaceLineEndings("\n"));
    }
}
