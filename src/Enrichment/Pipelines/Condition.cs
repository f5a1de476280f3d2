using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Enrichment.Pipelines;

/// <summary>
/// A condition on a record, which is true or false for every record. It decides whether a stage runs, and which rows are launched or
/// retried.
/// </summary>
/// <remarks>
/// <para>As JSON, and in full:
/// <c>{"field":"person.email","exists":true}</c>;
/// <c>{"field":"company.size","gt":50}</c> and so <c>eq, ne, lt, le, gt, ge, contains</c>;
/// <c>{"field":"company.country","in":["DE","AT"]}</c>;
/// <c>{"all":[…]}</c>, <c>{"any":[…]}</c>, <c>{"not":{…}}</c>; of typed tables also <c>{"child":"work_history","any":{…}}</c>.</para>
/// <para>A field is absent if <see cref="EnrichmentRecord.Value"/> is null. Of an absent field only <c>"exists":false</c> and <c>ne</c>
/// hold. <c>ne</c> is always the opposite of <c>eq</c>.</para>
/// <para>A value is compared as text: strings as they are, other JSON in its own notation, so that <c>true</c> equals <c>"true"</c>. If
/// both sides are JSON numbers, or text that is written like one, and fit into a <see cref="decimal"/>, they are compared as numbers; else
/// as text, ordinally and case-sensitively. <c>contains</c> finds a part of the text in any case. A list is compared element by element:
/// the condition holds if it holds for one element; null elements are left out.</para>
/// <para>
/// The methods that make conditions refuse these with an <see cref="EnrichmentException"/>: a name that no field can have, an empty list,
/// more than 16 nested conditions.
/// </para>
/// </remarks>
[JsonConverter(typeof(ConditionConverter))]
public abstract class Condition : IEquatable<Condition>
{
    /// <summary>How deep conditions may be nested.</summary>
    internal const int MaxDepth = 16;

    private string? json;

    private protected Condition()
    {
    }

    /// <summary>The fields that the condition names, each once.</summary>
    public IEnumerable<string> Fields => AllFields.Distinct(StringComparer.Ordinal);

    internal abstract IEnumerable<string> AllFields { get; }

    internal virtual int Depth => 1;

    /// <summary>The field has a value, or with false: has none.</summary>
    public static Condition Exists(string field, bool exists = true) => new FieldExists(field, exists);

    /// <summary>The field equals the value.</summary>
    public static Condition Eq(string field, ConditionValue value) => new FieldComparison(field, Comparison.Eq, value);

    /// <summary>The field does not equal the value, or is absent.</summary>
    public static Condition Ne(string field, ConditionValue value) => new FieldComparison(field, Comparison.Ne, value);

    /// <summary>The field is less than the value.</summary>
    public static Condition Lt(string field, ConditionValue value) => new FieldComparison(field, Comparison.Lt, value);

    /// <summary>The field is less than or equal to the value.</summary>
    public static Condition Le(string field, ConditionValue value) => new FieldComparison(field, Comparison.Le, value);

    /// <summary>The field is greater than the value.</summary>
    public static Condition Gt(string field, ConditionValue value) => new FieldComparison(field, Comparison.Gt, value);

    /// <summary>The field is greater than or equal to the value.</summary>
    public static Condition Ge(string field, ConditionValue value) => new FieldComparison(field, Comparison.Ge, value);

    /// <summary>The field's text contains the given text, without regard to case.</summary>
    public static Condition Contains(string field, string text) => new FieldComparison(field, Comparison.Contains, text);

    /// <summary>The field equals one of the values.</summary>
    public static Condition In(string field, params IEnumerable<ConditionValue> values) => new FieldIn(field, [.. values]);

    /// <summary>Every one of the conditions holds.</summary>
    public static Condition All(params IEnumerable<Condition> conditions) => new ConditionGroup([.. conditions], every: true);

    /// <summary>At least one of the conditions holds.</summary>
    public static Condition Any(params IEnumerable<Condition> conditions) => new ConditionGroup([.. conditions], every: false);

    /// <summary>The condition does not hold.</summary>
    public static Condition Not(Condition condition) => new Negation(condition);

    /// <summary>
    /// At least one row of a child table satisfies the condition, whose fields are the columns of that table. Only for queries of typed
    /// tables: a record has no child rows.
    /// </summary>
    /// <param name="child">The child table, as expressions name it.</param>
    /// <param name="any">The condition on its columns.</param>
    public static Condition Child(string child, Condition any) => new ChildCondition(child, any);

    /// <summary>Reads a condition from its JSON.</summary>
    /// <param name="json">One condition.</param>
    /// <param name="source">The name of the text in errors, such as a file's name.</param>
    /// <exception cref="EnrichmentException">It is not a condition; the message names the place and the expected form.</exception>
    public static Condition Parse(string json, string source = "condition") => ConditionReader.Read(DefinitionNode.Parse(json, source));

    /// <summary>Whether the condition holds for a record. Never throws for a record's content.</summary>
    public abstract bool Holds(EnrichmentRecord record);

    /// <summary>The condition as JSON; equal conditions have equal texts.</summary>
    public sealed override string ToString()
    {
        if (json is null)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                Write(writer);
            }

            json = Encoding.UTF8.GetString(buffer.WrittenSpan);
        }

        return json;
    }

    /// <summary>Whether both are the same condition in the same form.</summary>
    public bool Equals(Condition? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as Condition);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    internal abstract void Write(Utf8JsonWriter writer);
}
