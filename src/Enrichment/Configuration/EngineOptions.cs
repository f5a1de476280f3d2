using Microsoft.Extensions.Configuration;

namespace Enrichment;

/// <summary>The options of this host: what its code sets, and over it what its configuration says.</summary>
/// <remarks>
/// Made when the first service needs it, so that a host may still add to its configuration after it has described the engine. Where there
/// are problems the code's options hold; the host then does not start.
/// </remarks>
internal sealed class EngineOptions
{
    public EngineOptions(WorkerOptions worker, RetentionOptions? retention, CallbackOptions callbacks, IConfigurationSection? configuration)
    {
        Worker = worker;
        Retention = retention;
        Callbacks = callbacks;
        if (configuration is not null)
        {
            Read(configuration);
        }
    }

    public WorkerOptions Worker { get; private set; }

    /// <summary>How long ended batches are kept; null: for good.</summary>
    public RetentionOptions? Retention { get; private set; }

    public CallbackOptions Callbacks { get; private set; }

    /// <summary>What the configuration says and cannot be used.</summary>
    public List<string> Problems { get; } = [];

    private void Read(IConfigurationSection configuration)
    {
        var root = new SectionReader(configuration, Problems);
        Worker = Read(root.Section("Worker"), Worker.With, (options, prefix) => options.Problems(prefix)) ?? Worker;
        var retention = root.Section("Retention");
        Retention = retention.Exists
            ? Read(retention, section => RetentionOptions.From(section, Retention), (options, prefix) => options.Problems(prefix))
            : Retention;
        Callbacks = Read(root.Section("Callbacks"), Callbacks.With, (options, prefix) => options.Problems(prefix)) ?? Callbacks;
        root.RefuseOthers();
    }

    /// <summary>The options of one section; null if they cannot be used.</summary>
    private T? Read<T>(SectionReader section, Func<SectionReader, T> read, Func<T, string, IEnumerable<string>> problems)
        where T : class
    {
        var before = Problems.Count;
        var options = read(section);
        section.RefuseOthers();

        // A value that could not be read was replaced: the replacement is not what the operator has to mend.
        Problems.AddRange(problems(options, section.Prefix).Where(problem => !Problems.Any(known => Key(known) == Key(problem))).ToList());
        return Problems.Count == before ? options : null;
    }

    private static string Key(string problem) => problem.Split(": ")[0];
}
