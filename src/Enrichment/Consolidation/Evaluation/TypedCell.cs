namespace Enrichment.Consolidation.Evaluation;

/// <summary>A cell of a typed row; the default is null. Its column's type says which of the fields it uses.</summary>
internal readonly struct TypedCell
{
    private TypedCell(long whole, int length)
    {
        HasValue = true;
        Whole = whole;
        Length = length;
    }

    private TypedCell(decimal number)
    {
        HasValue = true;
        Number = number;
    }

    public bool HasValue { get; }

    /// <summary>
    /// Of an integer the number, of a truth value 0 or 1, of a day its number since the first, of an instant its ticks in UTC.
    /// </summary>
    public long Whole { get; }

    /// <summary>Of a number.</summary>
    public decimal Number { get; }

    /// <summary>Of text and JSON, the first of its bytes among those of the row; of a list, the first of its elements.</summary>
    public int Start => (int)Whole;

    /// <summary>How many bytes, or elements.</summary>
    public int Length { get; }

    public static TypedCell OfWhole(long whole) => new(whole, 0);

    public static TypedCell OfNumber(decimal number) => new(number);

    public static TypedCell OfText(int start, int length) => new(start, length);

    /// <summary>Of a partial date: the number of its first day, and how many days may follow it.</summary>
    public static TypedCell OfDays(int first, int more) => new(first, more);

    public static TypedCell OfList(int first, int count) => new(first, count);
}
