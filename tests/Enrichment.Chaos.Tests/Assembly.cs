// Each test drives processes of its own; more of them at once than this would measure the machine, not the engine.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
