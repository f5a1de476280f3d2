/// <summary>Counts items that are through their three steps.</summary>
public sealed class Progress(int items)
{
    /// <summary>How long nothing may be finished before a run is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = items;

    public void Finished()
    {
        if (Interlocked.Decrement(ref left) == 0)
        {
            done.SetResult();
        }
    }

    public async Task WaitAsync()
    {
        int last;
        do
        {
            last = Volatile.Read(ref left);
            if (await Task.WhenAny(done.Task, Task.Delay(Patience)) == done.Task)
            {
                return;
            }
        }
        while (Volatile.Read(ref left) < last);

        throw new InvalidOperationException($"No item was finished in {Patience.TotalSeconds} s; {last} are left.");
    }
}
