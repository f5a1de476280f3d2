using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// Takes the values of secrets out of texts that foreign code made, in the forms in which calls carry them: as they are, in addresses, in
/// JSON, in base64.
/// </summary>
internal sealed class Redactor
{
    public static readonly Redactor None = new([]);

    // Shorter pieces of base64 would be found in texts that have nothing to do with the secret.
    private const int ShortestCode = 8;

    private readonly (string Form, string Name)[] forms;
    private readonly (byte[] Form, byte[] Name)[] inJson;

    public Redactor(IEnumerable<KeyValuePair<string, string>> secrets)
    {
        forms =
        [
            .. secrets
                .SelectMany(secret => Forms(secret.Value).Select(form => (Form: form, Name: SecretReference.Prefix + secret.Key)))
                .Where(secret => secret.Form.Length > 0)
                .DistinctBy(secret => secret.Form)
                .OrderByDescending(secret => secret.Form.Length),
        ];
        inJson =
        [
            .. forms
                .Where(secret => IsOnlyText(secret.Form))
                .Select(secret => (Encoding.UTF8.GetBytes(secret.Form), Encoding.UTF8.GetBytes(secret.Name))),
        ];
    }

    /// <summary>The text with the secrets' names in the place of their values.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public string? Redact(string? text)
    {
        foreach (var (form, name) in text is null ? [] : forms)
        {
            text = text!.Replace(form, name, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>
    /// A result with the names of secrets in place of their values, for vendors that return their input; unchanged if it holds none.
    /// </summary>
    /// <param name="json">UTF-8. Only forms that can be nothing but a part of a text are looked for, so that JSON stays JSON.</param>
    public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> json)
    {
        foreach (var (form, name) in inJson)
        {
            for (var from = 0; json.Span[from..].IndexOf(form) is var found and >= 0;)
            {
                var at = from + found;
                json = (byte[])[.. json.Span[..at], .. name, .. json.Span[(at + form.Length)..]];
                from = at + name.Length;
            }
        }

        return json;
    }

    private static bool IsOnlyText(string form) =>
        form.Length >= ShortestCode
        && !form.All(character => char.IsAsciiDigit(character) || character is '.' or '-' or '+')
        && !form.Replace("\\\\\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal);

    private static IEnumerable<string> Forms(string value) =>
    [
        value,
        value.Trim(),
        Uri.EscapeDataString(value),
        JsonEncodedText.Encode(value).ToString(),
        JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        .. Codes(Encoding.UTF8.GetBytes(value)).Where(code => code.Length >= ShortestCode),
    ];

    /// <summary>
    /// The base64 of the bytes at any position in a longer text, such as a user and a password: three forms, without the characters that
    /// depend on neighbouring bytes.
    /// </summary>
    private static IEnumerable<string> Codes(byte[] value)
    {
        for (var before = 0; before < 3; before++)
        {
            var code = Convert.ToBase64String([.. new byte[before], .. value]).TrimEnd('=');
            var first = (before * 8 + 5) / 6;
            var last = (before + value.Length) * 8 / 6;
            yield return last > first ? code[first..last] : "";
        }
    }
}
