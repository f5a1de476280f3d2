using System.Reflection;

namespace Enrichment.Conformance;

/// <summary>One claim about stores, and the code that tries it.</summary>
internal sealed class StoreCase
{
    private readonly Func<Scene, Task> body;

    private StoreCase(string topic, string name, Func<Scene, Task> body)
    {
        Topic = topic;
        Name = name;
        this.body = body;
    }

    /// <summary>The part of the port that the claim is about, such as <c>Claiming</c>.</summary>
    public string Topic { get; }

    /// <summary>The claim in plain words; no two cases have the same.</summary>
    public string Name { get; }

    /// <summary>Tries the claim on an empty store.</summary>
    /// <exception cref="ConformanceException">The store does not hold it; the message says what was expected and what was seen.</exception>
    public Task RunAsync(StoreFixture fixture) => body(new Scene(fixture));

    /// <inheritdoc/>
    public override string ToString() => $"{Topic}: {Name}";

    // A case is a static method that takes a scene: its name is the claim, so that a stack trace reads as one, and none can be left out of
    // the list.
    internal static IEnumerable<StoreCase> Of(Type topic) => topic
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .OrderBy(method => method.MetadataToken)
        .Select(method => new StoreCase(topic.Name, method.Name.Replace('_', ' '), BodyOf(method)));

    // What is no case fails by itself, with its name: thrown here, it would take all cases out of the list of a test framework.
    private static Func<Scene, Task> BodyOf(MethodInfo method) =>
        method.ReturnType == typeof(Task) && method.GetParameters() is [{ ParameterType: var only }] && only == typeof(Scene)
            ? method.CreateDelegate<Func<Scene, Task>>()
            : _ => throw new ConformanceException($"{method.DeclaringType!.Name}.{method.Name} is public, but no case: make it private.");
}
