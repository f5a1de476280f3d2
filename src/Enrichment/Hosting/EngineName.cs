using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>The name of an engine of the host: the key of its services.</summary>
/// <param name="Name">Null: the engine has none, and its services are not keyed.</param>
internal sealed record EngineName(string? Name)
{
    // Sections of an engine's configuration, beside which named engines have theirs. Configuration tells no case.
    private static readonly string[] Sections = ["worker", "retention", "callbacks"];

    /// <summary>Why an engine cannot have a name; null if it can.</summary>
    public static string? Problem(string name) =>
        Slug.NameProblem(name, "an engine")
        ?? (Sections.Contains(name) ? $"An engine cannot be called '{name}': the configuration has a section of that name." : null);

    /// <summary>The names of the host's engines.</summary>
    public static IReadOnlyList<string> All(IServiceProvider services) =>
        [.. services.GetServices<EngineName>().Select(engine => engine.Name).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>A service of an engine that is there.</summary>
    public static T Get<T>(IServiceProvider services, string? name)
        where T : class => name is null ? services.GetRequiredService<T>() : services.GetRequiredKeyedService<T>(name);

    /// <summary>A service of the engine that the host's code names.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The name; null for the engine without one.</param>
    /// <param name="caller">What the host called.</param>
    /// <exception cref="InvalidOperationException">There is no such engine; the message says which there are.</exception>
    public static T Find<T>(IServiceProvider services, string? name, string caller)
        where T : class
    {
        if (services.GetServices<EngineName>().Contains(new(name)))
        {
            return Get<T>(services, name);
        }

        var add = name is null ? "AddEnrichment(…)" : $"AddEnrichment(\"{name}\", …)";
        throw new InvalidOperationException(
            All(services) is { Count: > 0 } names
                ? $"{caller} asks for {(name is null ? "the engine without a name" : $"the engine '{name}'")}, which is not there. Engines with a name: {string.Join(", ", names)}.{(name is null ? "" : Nearest.Hint(name, names))} Name one of them, or add it: builder.Services.{add}."
                : $"{caller} needs the engine{(name is null ? "" : $" '{name}'")}. Add it before: builder.Services.{add}.");
    }

    /// <summary>The log of a class: of an engine with a name, a category of its own below the class's.</summary>
    public static ILogger Logger<T>(IServiceProvider services, string? name) =>
        name is null
            ? services.GetRequiredService<ILogger<T>>()
            : services.GetRequiredService<ILoggerFactory>().CreateLogger($"{typeof(T).FullName}.{name}");
}
