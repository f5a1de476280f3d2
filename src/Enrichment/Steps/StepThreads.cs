using System.Runtime.CompilerServices;

namespace Enrichment.Steps;

/// <summary>
/// Threads on which steps are called. So a step that blocks its thread takes no thread of the process's pool, which runs uploads,
/// deliveries and commits.
/// </summary>
/// <remarks>There are as many as are needed at once; their callers bound them. A thread without work ends after ten seconds.</remarks>
internal sealed class StepThreads : INotifyCompletion
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly object gate = new();
    private readonly Queue<Action> waiting = new();
    private int idle;

    /// <summary>Runs some work on one of the threads, at once.</summary>
    public void Run(Action work)
    {
        lock (gate)
        {
            waiting.Enqueue(work);
            if (idle >= waiting.Count)
            {
                Monitor.Pulse(gate);
                return;
            }
        }

        new Thread(Work) { IsBackground = true, Name = "Enrichment step" }.Start();
    }

    /// <summary>Awaited, what follows runs on one of the threads.</summary>
    public StepThreads GetAwaiter() => this;

    public bool IsCompleted => false;

    public void OnCompleted(Action continuation) => Run(continuation);

    public void GetResult()
    {
        // There is none.
    }

    private void Work()
    {
        while (Next() is { } work)
        {
            work();
        }
    }

    private Action? Next()
    {
        lock (gate)
        {
            while (waiting.Count == 0)
            {
                idle++;
                var pulsed = Monitor.Wait(gate, Idle);
                idle--;
                if (!pulsed && waiting.Count == 0)
                {
                    return null;
                }
            }

            return waiting.Dequeue();
        }
    }
}
