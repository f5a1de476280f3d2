using Microsoft.Extensions.Configuration;

namespace Enrichment;

/// <summary>The options of this host: what its code sets, and over it what its configuration says.</summary>
/// <remarks>
/// Made when the first service needs it, so that a host may still add to its configuration after it has described the engine. Where there
/// are problems the code's options hold; the host then does not start.
/// </remarks>
internal sealed class EngineOptions
{
    /// <param name="worker">What code sets.</param>
    /// <param name="retention">What code sets; null if it sets none.</param>
    /// <param name="callbacks">What code sets.</param>
    /// <param name="configuration">The section; null if options are not read from one.</param>
    /// <param name="others">Names of engines that have their own section inside of this one.</param>
    public EngineOptions(
        WorkerOptions worker,
        RetentionOptions? retention,
        CallbackOptions callbacks,
        IConfigurationSection? configuration,
        IReadOnlyList<string> others)
    {
        Worker = worker;
        Retention = retention;
        Callbacks = callbacks;
        if (configuration is not null)
        {
            Read(configuration, others);
        }
    }

    public WorkerOptions Worker { get; private set; }

    /// <summary>How long ended batches are kept; null: for good.</summary>
    public RetentionOptions? Retention { get; private set; }

    public CallbackOptions Callbacks { get; private set; }

    /// <summary>What the configuration says and cannot be used.</summary>
    public List<string> Problems { get; } = [];

    private void Read(IConfigurationSection configuration, IReadOnlyList<string> others)
    {
        var root = new SectionReader(configuration, Problems);
        Worker = Read(root.Section("Worker"), Worker.With, (options, prefix) => options.Problems(prefix)) ?? Worker;
        var retention = root.Section("Retention");
        Retention = retention.Exists
            ? Read(retention, section => RetentionOptions.From(section, Retention), (options, prefix) => options.Problems(prefix))
            : Retention;
        Callbacks = Read(root.Section("Callbacks"), Callbacks.With, (options, prefix) => options.Problems(prefix)) ?? Callbacks;
        foreach (var engine in others)
        {
            root.Section(engine);
        }

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
