using System.Globalization;
using System.Text;
using Enrichment.Normalization;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// The words by which rows are searched: runs of letters and digits, folded so that case and diacritics do not count. One tokenizer for
/// both stores, and for rows as for questions.
/// </summary>
internal static class SearchedWords
{
    private const int MostWords = 1_000;
    private const int LongestWord = 100;

    /// <summary>The words of the searched columns of a row.</summary>
    public static IReadOnlyCollection<string> Of(EvaluatedRow row, IReadOnlyList<PlannedColumn> columns) => Of(columns.Index()
        .Where(column => column.Item.Column.IsSearched && !column.Item.Stored.IsBeside && row.Cells[column.Index].HasValue)
        .Select(column => Encoding.UTF8.GetString(row.Bytes(row.Cells[column.Index]))));

    /// <summary>
    /// The words of texts, each once, in the order of code units. Of many, the first 1,000; of a long one, 100 characters.
    /// </summary>
    public static IReadOnlyCollection<string> Of(IEnumerable<string> texts)
    {
        var words = new SortedSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var text in texts)
        {
            foreach (var rune in text.Normalize(NormalizationForm.FormKD).EnumerateRunes())
            {
                if (Rune.IsLetterOrDigit(rune) || (word.Length > 0 && IsMark(rune)))
                {
                    word.Append(rune);
                }
                else
                {
                    End();
                }
            }

            End();
        }

        return words;

        void End()
        {
            if (word.Length > 0 && words.Count < MostWords && FoldedText.Of(word.ToString()) is { Length: > 0 } folded)
            {
                words.Add(string.Concat(folded.EnumerateRunes().Take(LongestWord)));
            }

            word.Clear();
        }
    }

    // Nothing else is part of a word: no blank, and no sign that means something in the query of a store.
    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
