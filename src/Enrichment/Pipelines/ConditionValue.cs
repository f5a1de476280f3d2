using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Enrichment.Pipelines;

/// <summary>The value with which a condition compares a field: text, a number, or true or false. Converted implicitly from these.</summary>
[SuppressMessage("Usage", "CA2225", Justification = "The conversions are the API; named alternates would say the same twice.")]
public readonly record struct ConditionValue
{
    private ConditionValue(string text, bool isText)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text =
            text.All(c => !char.IsSurrogate(c))
            || text.Equals(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal)
                ? text
                : throw new EnrichmentException(
                    "A condition compares with a text that holds half of a surrogate pair, which is not a character.");
        IsText = isText;
    }

    /// <summary>The value as it is compared: text as it is, numbers and booleans in JSON's notation.</summary>
    public string Text { get; }

    /// <summary>Whether it is a string in JSON.</summary>
    public bool IsText { get; }

    /// <summary>Text to compare with.</summary>
    public static implicit operator ConditionValue(string text) => new(text, true);

    /// <summary>A number to compare with.</summary>
    public static implicit operator ConditionValue(decimal number) => new(number.ToString(CultureInfo.InvariantCulture), false);

    /// <summary>True or false to compare with.</summary>
    public static implicit operator ConditionValue(bool flag) => new(flag ? "true" : "false", false);

    /// <summary>The value in JSON.</summary>
    internal static ConditionValue Literal(string json) => new(json, false);
}
