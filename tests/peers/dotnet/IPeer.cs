/// <summary>A product that is to do W(N, 3).</summary>
internal interface IPeer
{
    string Name { get; }

    string Version { get; }

    string Setting { get; }

    /// <summary>Starts its workers, with nothing to do yet.</summary>
    Task<IRunningPeer> StartAsync(string connectionString, Progress progress);
}

/// <summary>Stops, and closes every connection, when it is disposed.</summary>
internal interface IRunningPeer : IAsyncDisposable
{
    /// <summary>Enqueues the first step of items 1 to <paramref name="items"/>.</summary>
    Task EnqueueAsync(int items);
}
