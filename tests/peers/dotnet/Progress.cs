/// <summary>Counts items that are through their three steps.</summary>
public sealed class Progress(int items)
{
    /// <summary>How long nothing may be finished before a run is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int done;

    public int Done => Volatile.Read(ref done);

    public void Finished()
    {
        if (Interlocked.Increment(ref done) == items)
        {
            all.SetResult();
        }
    }

    public async Task WaitAsync()
    {
        int last;
        do
        {
            last = Done;
            if (await Task.WhenAny(all.Task, Task.Delay(Patience)) == all.Task)
            {
                return;
            }
        }
        while (Done > last);

        throw new InvalidOperationException($"No item was finished in {Patience.TotalSeconds} s; {items - last} are left.");
    }
}
