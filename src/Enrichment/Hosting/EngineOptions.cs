using Enrichment.Plans;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Enrichment.Hosting;

/// <summary>The options of this host: what its code sets, and over it what its configuration says.</summary>
/// <remarks>
/// Made when the first service needs it, so that a host may still add to its configuration after it has described the engine. Where there
/// are problems the code's options hold; the host then does not start. When the configuration changes while the host runs, those of
/// <see cref="WorkerOptions.Taking"/> change with it; a change with problems is refused as a whole.
/// </remarks>
internal sealed class EngineOptions : IDisposable
{
    private readonly Lock gate = new();
    private readonly WorkerOptions code;
    private readonly IConfigurationSection? configuration;
    private readonly IReadOnlyList<string> others;
    private readonly ILogger logger;
    private readonly IDisposable? changes;
    private readonly List<Action<WorkerOptions>> observers = [];
    private volatile WorkerOptions worker;

    /// <param name="worker">What code sets.</param>
    /// <param name="retention">What code sets; null if it sets none.</param>
    /// <param name="callbacks">What code sets.</param>
    /// <param name="configuration">The section; null if options are not read from one.</param>
    /// <param name="others">Names of engines that have their own section inside of this one.</param>
    /// <param name="logger">Told of changes.</param>
    public EngineOptions(
        WorkerOptions worker,
        RetentionOptions? retention,
        CallbackOptions callbacks,
        IConfigurationSection? configuration,
        IReadOnlyList<string> others,
        ILogger logger)
    {
        (code, this.worker, Retention, Callbacks) = (worker, worker, retention, callbacks);
        (this.configuration, this.others, this.logger) = (configuration, others, logger);
        if (configuration is not null)
        {
            (this.worker, Retention, Callbacks) = Read(configuration, Problems);
            changes = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        }
    }

    /// <summary>How the worker works now.</summary>
    public WorkerOptions Worker => worker;

    /// <summary>How long ended batches are kept; null: for good.</summary>
    public RetentionOptions? Retention { get; }

    public CallbackOptions Callbacks { get; }

    /// <summary>What the configuration said at the start and cannot be used.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Calls back when the worker's options have changed, until what is returned is disposed.</summary>
    public IDisposable OnChange(Action<WorkerOptions> observer)
    {
        lock (gate)
        {
            observers.Add(observer);
            observer(worker); // It may have changed since the observer read it.
        }

        return new Subscription(this, observer);
    }

    public void Dispose() => changes?.Dispose();

    private void Reload()
    {
        lock (gate)
        {
            List<string> problems = [];
            var (read, _, _) = Read(configuration!, problems);
            if (problems.Count > 0)
            {
                Log.ChangeRefused(logger, string.Concat(problems.Select(problem => Environment.NewLine + problem)));
                return;
            }

            var changed = worker.Taking(read);
            if (changed != read)
            {
                Log.ChangeAtNextStart(logger, configuration!.Path);
            }

            if (changed == worker)
            {
                return;
            }

            worker = changed;
            Log.OptionsChanged(logger, configuration!.Path);
            observers.ForEach(observer => observer(changed));
        }
    }

    private (WorkerOptions Worker, RetentionOptions? Retention, CallbackOptions Callbacks) Read(
        IConfigurationSection section,
        List<string> problems)
    {
        var root = new SectionReader(section, problems);
        var read = Read(root.Section("Worker"), code.With, (options, prefix) => options.Problems(prefix), problems) ?? code;
        var kept = root.Section("Retention");
        var retention = kept.Exists
            ? Read(kept, from => RetentionOptions.From(from, Retention), (options, prefix) => options.Problems(prefix), problems)
            : Retention;
        var callbacks = Read(root.Section("Callbacks"), Callbacks.With, (options, prefix) => options.Problems(prefix), problems) ?? Callbacks;
        foreach (var engine in others)
        {
            root.Section(engine);
        }

        root.RefuseOthers();
        return (read, retention, callbacks);
    }

    /// <summary>The options of one section; null if they cannot be used.</summary>
    private static T? Read<T>(
        SectionReader section,
        Func<SectionReader, T> read,
        Func<T, string, IEnumerable<string>> found,
        List<string> problems)
        where T : class
    {
        var before = problems.Count;
        var options = read(section);
        section.RefuseOthers();

        // A value that could not be read was replaced: the replacement is not what the operator has to mend.
        problems.AddRange(found(options, section.Prefix).Where(problem => !problems.Any(known => Key(known) == Key(problem))).ToList());
        return problems.Count == before ? options : null;
    }

    private static string Key(string problem) => problem.Split(": ")[0];

    private sealed class Subscription(EngineOptions options, Action<WorkerOptions> observer) : IDisposable
    {
        public void Dispose()
        {
            lock (options.gate)
            {
                options.observers.Remove(observer);
            }
        }
    }
}
