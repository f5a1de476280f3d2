using System.Security.Cryptography;

namespace Enrichment.Consolidation;

/// <summary>A definition that turns raw rows and results into a typed table. Immutable.</summary>
/// <remarks>
/// The table begins with the engine's columns <c>bucket</c>, <c>client</c>, <c>batch</c> and <c>item</c>; the declared ones follow.
/// It has one row for every item of a consolidated batch, whether its pipeline has ended or not, unless the projection has a key of its own.
/// </remarks>
public sealed class Projection
{
    internal Projection(string name, string table, IReadOnlyList<string> key, IReadOnlyList<ProjectionColumn> columns)
    {
        Name = name;
        Table = table;
        Key = key;
        Columns = columns;
        ProjectionRules.Check(this);
        Definition = ProjectionWriter.Write(this);
        Hash = SHA256.HashData(Definition.Span);
    }

    /// <summary>How hosts and operators ask for it.</summary>
    public string Name { get; }

    /// <summary>The table's name.</summary>
    public string Table { get; }

    /// <summary>The columns that make a row one; empty if each item has its own row.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>The declared columns in order.</summary>
    public IReadOnlyList<ProjectionColumn> Columns { get; }

    /// <summary>The definition as canonical UTF-8 JSON: equal definitions have equal bytes.</summary>
    public ReadOnlyMemory<byte> Definition { get; }

    /// <summary>SHA-256 of <see cref="Definition"/>. A table made from another hash is made anew at the next consolidation.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>Describes a projection in code.</summary>
    /// <param name="name">Lower-case letters, digits and underscores, a letter first, at most 63 characters.</param>
    /// <param name="define">Adds key and columns.</param>
    /// <exception cref="EnrichmentException">The definition is not sound; the message lists every problem.</exception>
    public static Projection Define(string name, Action<ProjectionBuilder> define)
    {
        var builder = new ProjectionBuilder(name);
        define(builder);
        return builder.Build();
    }
}
