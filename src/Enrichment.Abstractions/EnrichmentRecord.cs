using System.Text.Json;

namespace Enrichment;

/// <summary>What a step sees of an item: for each field the latest answer of an earlier step, else the uploaded value.</summary>
/// <remarks>An answer counts if it is not null. Valid during the call only.</remarks>
public abstract class EnrichmentRecord
{
    /// <summary>The value of a field; null if no earlier step answered it and the upload has no, or only blank, values for it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The step did not declare the field in <see cref="EnrichmentStepAttribute.Reads"/>.
    /// </exception>
    public abstract JsonElement? Value(string field);

    /// <summary>
    /// The uploaded cell under a header, as it is in the file; a value of JSON lines that is not text, in JSON's notation. Null if there is
    /// no such column or the row is shorter. Of equal headers the first.
    /// </summary>
    public abstract string? Column(string header);

    /// <summary>
    /// The value of a field as text: strings as they are, numbers and truth values in JSON's notation; null where <see cref="Value"/> is
    /// null, an object or a list.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The step did not declare the field in <see cref="EnrichmentStepAttribute.Reads"/>.
    /// </exception>
    public virtual string? Text(string field) => Value(field) switch
    {
        null or { ValueKind: JsonValueKind.Object or JsonValueKind.Array } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => value.GetRawText(),
    };
}
