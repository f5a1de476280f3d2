using System.CodeDom.Compiler;
using System.Runtime.CompilerServices;

namespace Enrichment.Architecture.Tests;

/// <summary>A name of a type means one thing, wherever in the shipped code it is read.</summary>
public sealed class TypeNameTests
{
    [Fact]
    public void Each_type_name_is_declared_once_in_the_shipped_code() => Faults.AssertNone(
        Package.All.SelectMany(package => package.Assembly.GetTypes())
            .Where(type => !IsGenerated(type))
            .DistinctBy(type => type.FullName) // A file that two packages compile is one declaration.
            .GroupBy(type => type.Name, StringComparer.Ordinal)
            .Where(types => types.Count() > 1)
            .Select(types => $"{types.Key}: {string.Join(", ", types.Select(type => type.FullName))}"));

    // Also what stands inside of what a generator writes.
    private static bool IsGenerated(Type type) =>
        type.Name.StartsWith('<')
        || type.Name == "Program"
        || type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || type.IsDefined(typeof(GeneratedCodeAttribute), inherit: false)
        || (type.DeclaringType is { } outer && IsGenerated(outer));
}
